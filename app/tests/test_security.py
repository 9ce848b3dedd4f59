import asyncio
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest

from app.core import security
from app.core.security import AUDIENCE, ISSUER, InvalidTokenError, Tokens, hash_password, verify_password


async def test_a_password_is_verified_and_nobody_has_none():
    hashed = await hash_password("correct horse battery")
    assert await verify_password("correct horse battery", hashed)
    assert not await verify_password("wrong", hashed)
    assert not await verify_password("correct horse battery", None)
    assert not await verify_password("correct horse battery", "no hash")


async def test_however_many_log_in_at_once_one_password_at_a_time_fills_memory(monkeypatch):
    at_work, most = 0, 0

    class Hasher:
        def hash(self, password):
            nonlocal at_work, most
            at_work += 1
            most = max(most, at_work)
            time.sleep(0.01)
            at_work -= 1
            return password

        def verify(self, _hash, password):
            return bool(self.hash(password))

    monkeypatch.setattr(security, "_hasher", Hasher())
    known = [verify_password("x", "x") for _ in range(8)]
    assert await asyncio.gather(*known, hash_password("y")) == [True] * 8 + ["y"]
    assert most == 1


FORKED = """
import asyncio, os
from app.core.security import hash_password
asyncio.run(hash_password("before"))
child = os.fork()
asyncio.run(hash_password("after"))
if child:
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os._exit(0)
"""


def test_a_process_that_was_forked_hashes_too():
    """A child has no thread of its parent: work that was given to one would wait for ever."""
    subprocess.run([sys.executable, "-c", FORKED], check=True, timeout=60)


@pytest.fixture
def claims():
    now = datetime.now(UTC)
    return {
        "sub": str(uuid4()),
        "ver": 3,
        "jti": "1",
        "iat": now,
        "exp": now + timedelta(hours=1),
        "iss": ISSUER,
        "aud": AUDIENCE,
    }


def test_a_token_says_who_it_speaks_for(settings):
    user = uuid4()
    token, life = Tokens(settings).issue(user, 3)
    read = Tokens(settings).read(token)
    assert (read.user_id, read.version, life) == (user, 3, 43200 * 60)


def test_a_token_that_was_good_expires_all_the_same(settings, claims, monkeypatch):
    tokens = Tokens(settings)
    token = jwt.encode(claims, settings.jwt_secret_key.get_secret_value(), "HS256")
    assert tokens.read(token) == tokens.read(token)
    monkeypatch.setattr("app.core.security.time.time", claims["exp"].timestamp)
    with pytest.raises(InvalidTokenError):
        tokens.read(token)


def test_the_forgeries_below_start_from_a_good_token(settings, claims):
    key = settings.jwt_secret_key.get_secret_value()
    assert Tokens(settings).read(jwt.encode(claims, key, "HS256")).version == 3


@pytest.mark.parametrize("missing", ["sub", "ver", "jti", "iat", "exp", "iss", "aud"])
def test_a_claim_that_is_missing_is_no_token(settings, claims, missing):
    del claims[missing]
    token = jwt.encode(claims, settings.jwt_secret_key.get_secret_value(), "HS256")
    with pytest.raises(InvalidTokenError):
        Tokens(settings).read(token)


@pytest.mark.parametrize(
    "forged",
    [
        {"exp": datetime(2020, 1, 1, tzinfo=UTC)},
        {"aud": "another"},
        {"iss": "another"},
        {"sub": "not a uuid"},
        {"ver": "x"},
    ],
)
def test_a_claim_that_is_wrong_is_no_token(settings, claims, forged):
    token = jwt.encode(claims | forged, settings.jwt_secret_key.get_secret_value(), "HS256")
    with pytest.raises(InvalidTokenError):
        Tokens(settings).read(token)


@pytest.mark.parametrize(("key", "algorithm"), [("x" * 64, "HS256"), (None, "HS512"), ("", "none")])
def test_another_key_or_algorithm_is_no_token(settings, claims, key, algorithm):
    key = settings.jwt_secret_key.get_secret_value() if key is None else key
    with pytest.raises(InvalidTokenError):
        Tokens(settings).read(jwt.encode(claims, key or None, algorithm))
