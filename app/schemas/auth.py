"""Request and response bodies of accounts."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, StrictBool

from app.core.settings import MAX_PASSWORD_LENGTH
from app.schemas.example import AT, ID, example

MAX_TOKEN_LENGTH = 200  # for a ticket, the longest kind of token

Email = Annotated[EmailStr, AfterValidator(str.lower)]
Password = Annotated[str, Field(min_length=12, max_length=MAX_PASSWORD_LENGTH)]


class Input(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Registration(Input):
    """A new account."""

    model_config = Input.model_config | example(
        email="ada@example.com", username="ada", password="correct horse battery"
    )

    email: Email
    username: str = Field(min_length=3, max_length=40, pattern=r"^[A-Za-z0-9._-]+$")
    password: Password
    invitation: str | None = Field(
        None,
        max_length=MAX_TOKEN_LENGTH,
        description="From an administrator, where registration is by invitation",
    )


class Invitation(BaseModel):
    """Lets one person register, once."""

    model_config = example(invitation="kHq0zJ3v0mV9k1Jm1n9b2aXgk3mO5lqJ0xw3b1rT7uE", expires_in=604_800)

    invitation: str
    expires_in: int = Field(description="Seconds")


class Login(Input):
    """The e-mail and the password of an account."""

    model_config = Input.model_config | example(email="ada@example.com", password="correct horse battery")

    email: Email
    password: str = Field(max_length=MAX_PASSWORD_LENGTH)
    refresh: StrictBool = Field(
        False, description="Give a refresh token too; the access token is good for a quarter of an hour then"
    )


class Refresh(Input):
    """The newest refresh token of a session."""

    model_config = Input.model_config | example(refresh_token="kHq0zJ3v0mV9k1Jm1n9b2aXgk3mO5lqJ0xw3b1rT7uE")

    refresh_token: str = Field(max_length=MAX_TOKEN_LENGTH)


class PasswordChange(Input):
    """The old password and the new one."""

    model_config = Input.model_config | example(
        current_password="correct horse battery", new_password="wrong donkey accumulator"
    )

    current_password: str = Field(max_length=MAX_PASSWORD_LENGTH)
    new_password: Password


class PasswordReset(Input):
    """A token of an administrator, and the new password."""

    model_config = Input.model_config | example(
        reset_token="kHq0zJ3v0mV9k1Jm1n9b2aXgk3mO5lqJ0xw3b1rT7uE", new_password="wrong donkey accumulator"
    )

    reset_token: str = Field(max_length=MAX_TOKEN_LENGTH)
    new_password: Password


class ResetToken(BaseModel):
    """Lets one account's password be set, once."""

    model_config = example(reset_token="kHq0zJ3v0mV9k1Jm1n9b2aXgk3mO5lqJ0xw3b1rT7uE", expires_in=86_400)

    reset_token: str
    expires_in: int = Field(description="Seconds")


class AccessToken(BaseModel):
    """Sent as `Authorization: Bearer ...`."""

    model_config = example(
        access_token="eyJhbGciOiJIUzI1NiJ9.e30.c2ln", token_type="bearer", expires_in=2_592_000
    )

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int = Field(description="Seconds")
    refresh_token: str | None = Field(None, description="Only if it was asked for; valid once")


class Account(BaseModel):
    """An account, as its owner sees it."""

    model_config = example(id=ID, email="ada@example.com", username="ada", is_admin=False, created_at=AT)

    id: UUID
    email: str
    username: str
    is_admin: bool
    created_at: datetime | None = None


class ListedAccount(Account):
    """An account, as an administrator sees it."""

    blocked_at: datetime | None = Field(None, description="Since when it cannot log in")


class AccountPage(BaseModel):
    """Accounts, the newest first."""

    model_config = example(
        items=[
            {
                "id": ID,
                "email": "ada@example.com",
                "username": "ada",
                "is_admin": False,
                "created_at": AT,
                "blocked_at": None,
            }
        ],
        next_cursor=None,
    )

    items: list[ListedAccount]
    next_cursor: str | None = Field(None, description="For the page that follows; none after the last")
