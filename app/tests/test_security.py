import asyncio
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from pydantic import SecretStr

from app.core import security
from app.core.security import (
    AUDIENCE,
    ISSUER,
    InvalidTokenError,
    TokenClaims,
    Tokens,
    hash_password,
    verify_password,
)


async def test_a_password_is_verified_and_nobody_has_none():
    hashed = await hash_password("Correct horse battery ")
    assert await verify_password("Correct horse battery ", hashed)
    for other in ("correct horse battery ", "Correct horse battery", "Correct horse batter"):
        assert not await verify_password(other, hashed)
    assert not await verify_password("wrong", hashed)
    assert not await verify_password("Correct horse battery ", None)
    assert not await verify_password("Correct horse battery ", "no hash")


@pytest.mark.parametrize("memory", [19, 32])
async def test_a_password_takes_the_memory_that_is_set_and_an_older_hash_stays_good(
    monkeypatch, settings, memory
):
    before = await hash_password("Correct horse battery ")
    monkeypatch.setattr(security, "_hasher", security._hasher)  # so that it is restored
    monkeypatch.setattr(security, "_nobody", security._nobody)
    security.use(settings.model_copy(update={"password_hash_memory_mib": memory}))
    made = await hash_password("Correct horse battery ")
    assert f"$m={memory * 1024},t=3,p=4$" in made
    # An unknown account takes as long as a known one.
    assert f"$m={memory * 1024},t=3,p=4$" in security._nobody
    assert security.outdated(before)
    assert not security.outdated(made)
    for known in (before, made):
        assert await verify_password("Correct horse battery ", known)


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
    """A child has none of its parent's threads: work for one of them would wait without end."""
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


@pytest.fixture
def changing(settings):
    """The settings while the key is changed: the previous key is still valid."""
    new = SecretStr("9f" * 32)
    return settings.model_copy(
        update={"jwt_secret_key": new, "jwt_previous_secret_key": settings.jwt_secret_key}
    )


def test_while_a_key_is_changed_tokens_of_both_are_good_and_new_ones_name_theirs(settings, changing):
    former, _ = Tokens(settings).issue(uuid4(), 1)
    made, _ = Tokens(changing).issue(uuid4(), 2)
    assert [Tokens(changing).read(token).version for token in (former, made)] == [1, 2]
    assert "kid" not in jwt.get_unverified_header(former)
    assert jwt.get_unverified_header(made)["kid"]
    assert (
        Tokens(changing.model_copy(update={"jwt_previous_secret_key": SecretStr("")})).read(made).version == 2
    )
    with pytest.raises(InvalidTokenError):
        Tokens(settings).read(made)


@pytest.mark.parametrize("kid", ["another", "", "../../dev/null"])
def test_a_token_is_read_by_the_key_that_it_names_and_by_no_other(changing, claims, kid):
    key = changing.jwt_previous_secret_key.get_secret_value()
    assert Tokens(changing).read(jwt.encode(claims, key, "HS256")).version == 3
    with pytest.raises(InvalidTokenError):
        Tokens(changing).read(jwt.encode(claims, key, "HS256", {"kid": kid}))


def test_a_token_says_which_session_it_is_of(settings):
    session = uuid4()
    long, _ = Tokens(settings).issue(uuid4(), 0)
    short, life = Tokens(settings).issue(uuid4(), 0, session, timedelta(minutes=15))
    assert (Tokens(settings).read(short).session_id, life) == (session, 900)
    assert (
        str(Tokens(settings).read(long).session_id)
        == jwt.decode(long, options={"verify_signature": False})["jti"]
    )


def test_a_token_of_an_earlier_release_has_an_id_of_any_form(settings, claims):
    token = jwt.encode(claims, settings.jwt_secret_key.get_secret_value(), "HS256")
    assert Tokens(settings).read(token).session_id is None


@pytest.mark.parametrize(
    "claims",
    [
        TokenClaims(uuid4(), 0),
        TokenClaims(uuid4(), 12, uuid4(), datetime(2030, 1, 1, tzinfo=UTC)),
        TokenClaims(uuid4(), 3, None, datetime(2020, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_ticket_says_whose_token_it_was_got_with(claims):
    assert TokenClaims.read("AbC-_9" + claims.written()) == claims
    assert claims.expired == (claims.expires_at is not None and claims.expires_at.year == 2020)


def test_a_ticket_of_an_earlier_release_says_nothing():
    assert TokenClaims.read("AbC-_9") is None
