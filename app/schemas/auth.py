"""Request and response bodies of accounts."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field

from app.schemas.example import AT, ID, example

MAX_PASSWORD_LENGTH = 200  # argon2 takes any length, and so its time

Email = Annotated[EmailStr, AfterValidator(str.lower)]
Password = Annotated[str, Field(min_length=12, max_length=MAX_PASSWORD_LENGTH)]


class Input(BaseModel):
    """A request body: no field that is not known."""

    model_config = ConfigDict(extra="forbid")


class Registration(Input):
    """A new account."""

    model_config = Input.model_config | example(
        email="ada@example.com", username="ada", password="correct horse battery"
    )

    email: Email
    username: str = Field(min_length=3, max_length=40, pattern=r"^[A-Za-z0-9._-]+$")
    password: Password


class Login(Input):
    """Who one says one is."""

    model_config = Input.model_config | example(email="ada@example.com", password="correct horse battery")

    email: Email
    password: str = Field(max_length=MAX_PASSWORD_LENGTH)


class AccessToken(BaseModel):
    """Sent as `Authorization: Bearer ...`."""

    model_config = example(
        access_token="eyJhbGciOiJIUzI1NiJ9.e30.c2ln", token_type="bearer", expires_in=2_592_000
    )

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int = Field(description="Seconds")


class Account(BaseModel):
    """An account, as its owner sees it."""

    model_config = example(id=ID, email="ada@example.com", username="ada", is_admin=False, created_at=AT)

    id: UUID
    email: str
    username: str
    is_admin: bool
    created_at: datetime | None = None
