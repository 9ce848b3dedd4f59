"""Passwords and access tokens. Nothing here knows about HTTP."""

import asyncio
import hashlib
import math
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.settings import Settings

ISSUER = "roadmap"
AUDIENCE = "roadmap-api"
KNOWN_TOKENS = 4096  # verified tokens that a process remembers
REQUIRED_CLAIMS = ["exp", "iat", "sub", "jti", "ver"]

MEBIBYTE = 1024  # in the unit of argon2's memory
# argon2id as RFC 9106's second recommendation: three passes over 64 MiB by default.
_hasher = PasswordHasher()


def use(settings: Settings) -> None:
    """Hash new passwords as the settings say, in this process.

    Args:
        settings: with the memory of each hash.
    """
    global _hasher, _nobody  # noqa: PLW0603 - the functions below are asked for by name
    memory = settings.password_hash_memory_mib * MEBIBYTE
    _hasher = PasswordHasher(memory_cost=memory)
    _nobody = NOBODY.format(memory=memory)


def _one_at_a_time() -> None:
    """Make the one thread that hashes: however many clients log in at once, hashing takes one password's memory. A fork needs a new one."""
    global _hashing  # noqa: PLW0603 - the functions below are asked for by name
    _hashing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argon2")


_hashing: ThreadPoolExecutor
_one_at_a_time()
os.register_at_fork(after_in_child=_one_at_a_time)
# Verified if there is no such user, so that a login takes the same time in both cases.
NOBODY = (
    "$argon2id$v=19$m={memory},t=3,p=4$c29tZXNhbHRzb21lc2FsdA$5vJ1pBqWTOnLqKtq3xOFYyhUCo8rYCqV2mGnDIcd0pA"
)
_nobody = NOBODY.format(memory=64 * MEBIBYTE)


class InvalidTokenError(Exception):
    """The token is not ours, or no longer valid."""


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """The user and the session of a token.

    Args:
        user_id: of the account.
        version: of its tokens, when this one was issued.
        session_id: of the session; the token's own id if it is the session's only token.
        expires_at: when the token expires.
        refreshed: whether its session has refresh tokens.
    """

    user_id: UUID
    version: int
    session_id: UUID | None = None
    expires_at: datetime | None = None
    refreshed: bool = False

    @property
    def expired(self) -> bool:
        """Whether the token has expired."""
        return self.expires_at is not None and datetime.now(UTC) >= self.expires_at

    def written(self) -> str:
        """The same as text, for `TokenClaims.read`: letters, numbers and full stops."""
        session = self.session_id.hex if self.session_id else ""
        until = str(math.floor(self.expires_at.timestamp())) if self.expires_at else ""
        return f".{self.user_id.hex}.{self.version}.{session}.{until}"

    @classmethod
    def read(cls, text: str) -> "TokenClaims | None":
        """Read `written` from the end of a text that nobody can change; None if an earlier release wrote nothing there."""
        try:
            user, version, session, until = text.split(".")[-4:]
        except ValueError:
            return None
        return cls(
            UUID(user),
            int(version),
            UUID(session) if session else None,
            datetime.fromtimestamp(int(until), UTC) if until else None,
        )


async def hash_password(password: str) -> str:
    """Hash a password in a thread: it takes tens of milliseconds by design."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, _hasher.hash, password)


async def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is right. A hash of None, for an unknown user, takes as long and is never right."""
    loop = asyncio.get_running_loop()
    known = await loop.run_in_executor(_hashing, _verify, password, password_hash or _nobody)
    return known and password_hash is not None


def _verify(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def outdated(password_hash: str) -> bool:
    """Whether a hash has other parameters than new hashes: its other duration would tell that the account exists."""
    return _hasher.check_needs_rehash(password_hash)


class Tokens:
    """Issues and reads access tokens.

    While the key is changed, tokens of the previous key are valid too; the `kid` of each new token names its key.

    Args:
        settings: keys, algorithm and life.
    """

    def __init__(self, settings: Settings) -> None:
        keys = (settings.jwt_secret_key, settings.jwt_previous_secret_key)
        found = [key.get_secret_value() for key in keys if key.get_secret_value()]
        self._keys = {_key_id(key): key for key in found} or {"": ""}
        self._key_id, self._key = next(iter(self._keys.items()))
        self._algorithm = settings.jwt_algorithm
        self._life = timedelta(minutes=settings.access_token_expire_minutes)
        # A development key may be short; in production the settings refuse a short key, and so does this class.
        self._verified = lru_cache(KNOWN_TOKENS)(self._decode)
        self._jwt = jwt.PyJWT(options={"enforce_minimum_key_length": settings.production})

    def issue(
        self, user_id: UUID, version: int, session_id: UUID | None = None, life: timedelta | None = None
    ) -> tuple[str, int]:
        """A token for this user.

        Args:
            user_id: of the account.
            version: of its tokens.
            session_id: of a session with further tokens; by default the token is a session of its own.
            life: of the token; ACCESS_TOKEN_EXPIRE_MINUTES by default.

        Returns:
            The token and its life in seconds.
        """
        now, life = datetime.now(UTC), life or self._life
        claims = {
            "sub": str(user_id),
            "ver": version,
            "jti": str(uuid4()),
            "iat": now,
            "exp": now + life,
            "iss": ISSUER,
            "aud": AUDIENCE,
        }
        if session_id is not None:
            claims["sid"] = str(session_id)
        headers = {"kid": self._key_id} if len(self._keys) > 1 else None
        return self._jwt.encode(claims, self._key, self._algorithm, headers), int(life.total_seconds())

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
            claims = self._claims(token)
            expires_at = float(claims["exp"])
            return TokenClaims(
                UUID(claims["sub"]),
                int(claims["ver"]),
                _session(claims.get("sid", claims["jti"])),
                datetime.fromtimestamp(expires_at, UTC),
                "sid" in claims,
            ), expires_at
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise InvalidTokenError(type(error).__name__) from error

    def _claims(self, token: str) -> dict[str, Any]:
        """The claims, verified by the key that the token names; without a name each key is tried."""
        named = jwt.get_unverified_header(token).get("kid")
        keys = [key for name, key in self._keys.items() if named in {None, name}]
        for key in keys[:-1]:
            with suppress(jwt.InvalidSignatureError):
                return self._read(token, key)
        if not keys:
            raise jwt.InvalidKeyError("unknown kid")
        return self._read(token, keys[-1])

    def _read(self, token: str, key: str) -> dict[str, Any]:
        return self._jwt.decode(
            token,
            key,
            algorithms=[self._algorithm],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": REQUIRED_CLAIMS},
        )


def _key_id(key: str) -> str:
    """An id that distinguishes keys and reveals nothing of them: 32 bits of a hash over 256 random bits."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def _session(said: object) -> UUID | None:
    """The session's id; None for an id of an earlier release: such a token ends with all others of its account."""
    try:
        return UUID(str(said))
    except ValueError:
        return None
