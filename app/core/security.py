"""Passwords and access tokens. Nothing here knows about HTTP."""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID, uuid4

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.settings import Settings

ISSUER = "roadmap"
AUDIENCE = "roadmap-api"
KNOWN_TOKENS = 4096  # remembered as verified, a process
REQUIRED_CLAIMS = ["exp", "iat", "sub", "jti", "ver"]

# argon2id with the parameters of RFC 9106's second recommendation: 64 MiB for each password.
_hasher = PasswordHasher()


def _one_at_a_time() -> None:
    """However many log in at once, they take 64 MiB of what the tier gives a process. A child has none of its parent's threads."""
    global _hashing  # noqa: PLW0603 - the functions below are asked for by name
    _hashing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argon2")


_hashing: ThreadPoolExecutor
_one_at_a_time()
os.register_at_fork(after_in_child=_one_at_a_time)
# Verified where there is no such user, so that a login takes the same time either way.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$5vJ1pBqWTOnLqKtq3xOFYyhUCo8rYCqV2mGnDIcd0pA"


class InvalidTokenError(Exception):
    """The token is not one of ours, or no longer."""


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """Who a token speaks for, and the version at which it was issued."""

    user_id: UUID
    version: int


async def hash_password(password: str) -> str:
    """Off the event loop: it takes tens of milliseconds by design."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, _hasher.hash, password)


async def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is right; None, where there is no such user, takes as long and is never right."""
    loop = asyncio.get_running_loop()
    known = await loop.run_in_executor(_hashing, _verify, password, password_hash or _NOBODY)
    return known and password_hash is not None


def _verify(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


class Tokens:
    """Issues and reads access tokens.

    Args:
        settings: key, algorithm and life.
    """

    def __init__(self, settings: Settings) -> None:
        self._key = settings.jwt_secret_key.get_secret_value()
        self._algorithm = settings.jwt_algorithm
        self._life = timedelta(minutes=settings.access_token_expire_minutes)
        # A development key may be short; in production the settings refuse one already, and so does this.
        self._verified = lru_cache(KNOWN_TOKENS)(self._decode)
        self._jwt = jwt.PyJWT(options={"enforce_minimum_key_length": settings.production})

    def issue(self, user_id: UUID, version: int) -> tuple[str, int]:
        """A token for this user.

        Returns:
            The token and its life in seconds.
        """
        now = datetime.now(UTC)
        claims = {
            "sub": str(user_id),
            "ver": version,
            "jti": str(uuid4()),
            "iat": now,
            "exp": now + self._life,
            "iss": ISSUER,
            "aud": AUDIENCE,
        }
        return self._jwt.encode(claims, self._key, self._algorithm), int(self._life.total_seconds())

    def read(self, token: str) -> TokenClaims:
        """Check a token. A client sends the same one again and again: its signature is checked once, its expiry always.

        Raises:
            InvalidTokenError: whatever is wrong with it.
        """
        claims, expires_at = self._verified(token)
        if time.time() >= expires_at:
            raise InvalidTokenError("ExpiredSignatureError")
        return claims

    def _decode(self, token: str) -> tuple[TokenClaims, float]:
        try:
            claims = self._jwt.decode(
                token,
                self._key,
                algorithms=[self._algorithm],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": REQUIRED_CLAIMS},
            )
            return TokenClaims(UUID(claims["sub"]), int(claims["ver"])), float(claims["exp"])
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise InvalidTokenError(type(error).__name__) from error
