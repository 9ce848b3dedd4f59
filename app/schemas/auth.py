"""Request and response bodies of accounts."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field

MAX_PASSWORD_LENGTH = 200  # argon2 takes any length, and so its time

Email = Annotated[EmailStr, AfterValidator(str.lower)]
Password = Annotated[
    str, Field(min_length=12, max_length=MAX_PASSWORD_LENGTH, examples=["correct horse battery"])
]


class Input(BaseModel):
    """A request body: no field that is not known."""

    model_config = ConfigDict(extra="forbid")


class Registration(Input):
    email: Email = Field(examples=["ada@example.com"])
    username: str = Field(min_length=3, max_length=40, pattern=r"^[A-Za-z0-9._-]+$", examples=["ada"])
    password: Password


class Login(Input):
    email: Email = Field(examples=["ada@example.com"])
    password: str = Field(max_length=MAX_PASSWORD_LENGTH, examples=["correct horse battery"])


class AccessToken(BaseModel):
    access_token: str
    token_type: Literal["bearer"]
    expires_in: int = Field(description="Seconds")


class Account(BaseModel):
    id: UUID
    email: str
    username: str
    is_admin: bool
    created_at: datetime | None = None
