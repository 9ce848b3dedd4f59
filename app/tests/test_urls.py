from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kombu import Connection
from redis.connection import parse_url
from sqlalchemy import make_url

from app.core.urls import driver_dsn, normalise_database_url, normalise_redis_url, verifies_tls


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_postgres_scheme_picks_asyncpg(scheme):
    assert (
        normalise_database_url(f"{scheme}://u:p%40ss@db:5432/app")
        == "postgresql+asyncpg://u:p%40ss@db:5432/app"
    )


def test_sslmode_becomes_what_asyncpg_understands_and_back():
    url = normalise_database_url("postgresql://u:p@db/app?sslmode=require&channel_binding=require")
    assert url == "postgresql+asyncpg://u:p@db/app?ssl=require"
    assert driver_dsn(url) == "postgresql://u:p@db/app?sslmode=require"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u@h/d", "begin with postgresql://"),
        ("postgresql://", "has no host"),
        ("postgresql://host", "names no database"),
        ("postgresql://host/a/b", "names no database"),
        ("nonsense", "another scheme"),
        ("postgresql://h/d?sslmode=maybe", "unknown sslmode"),
        ("postgresql://h/d?sslmode=require&ssl=require", "unknown sslmode"),
    ],
)
def test_what_is_no_postgres_address_is_refused(url, said):
    with pytest.raises(ValueError, match=said):
        normalise_database_url(url)


def test_a_parameter_nobody_would_read_is_refused_by_name():
    with pytest.raises(ValueError, match="application_nam"):
        normalise_database_url("postgresql://u@h/d?application_nam=x")


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("rediss://:p@h:6379", "rediss://:p@h:6379?ssl_cert_reqs=required"),
        ("rediss://:p@h:6379/0?ssl_cert_reqs=CERT_REQUIRED", "rediss://:p@h:6379/0?ssl_cert_reqs=required"),
        ("rediss://h?ssl_ca_certs=/ca.pem", "rediss://h?ssl_ca_certs=/ca.pem&ssl_cert_reqs=required"),
        ("rediss://h?ssl_cert_reqs=none", "rediss://h?ssl_cert_reqs=none"),
        ("redis://redis.railway.internal:6379", "redis://redis.railway.internal:6379"),
    ],
)
def test_redis_verifies_unless_told_otherwise(written, normalised):
    assert normalise_redis_url(written) == normalised


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://h", "begin with rediss://"),
        ("redis://", "has no host"),
        ("rediss://h?ssl_cert_reqs=maybe", "ssl_cert_reqs"),
        ("redis://h/zero", "no number"),
        ("redis://h?family=4", "not every client takes"),
        ("redis://h?socket_timeout=3", "not every client takes"),
    ],
)
def test_what_is_no_redis_address_is_refused(url, said):
    with pytest.raises(ValueError, match=said):
        normalise_redis_url(url)


@pytest.mark.parametrize("normalise", [normalise_database_url, normalise_redis_url])
@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("default:hunter2/cd@h:6379", "an @ behind its host"),
        ("default:hunter2?cd@h:6379", "an @ behind its host"),
        ("default:hunter2#cd@h:6379", "write %23"),
        ("default:hunter2@cd@h:6379", "more than one @"),
        ("default:hunter2@h:hunter2", "has a port"),
        ("default:hunter2", "has a port"),
        ("default:hunter2@h:0", "has a port"),
        ("default:hunter2@h:65536", "has a port"),
        ("default:hunter2@h:", "has a port"),
        ("default:hunter2@h:\u0661", "has a port"),
        ("default:hunter2[@h", "write %5B"),
        ("default:hunter2\u00e9@h", "not of ASCII"),
        ("default:hunter2%@h", "write %25"),
        ("default:hunter2%ff@h", "not of UTF-8"),
        ("default:hunter2 @h", "white space"),
        ("default:hunter2@h\n", "white space"),
        ("default:hunter2\u200b@h", "invisible character"),
        ("default:hunter2@", "has no host"),
        ("default:hunter2@${{Redis.HOST}}", "no name of a machine"),
        ("default:hunter2@-h", "no name of a machine"),
        ("default:hunter2@h..", "no name of a machine"),
        ("default:hunter2@bücher", "no name of a machine"),
        ("default:hunter2@::1", "in brackets"),
        ("default:hunter2@[::1", "no IPv6 address"),
        ("default:hunter2@[hunter2]", "no IPv6 address"),
        ("default:hunter2@[::1]6379", "behind|between"),
        ("default:hunter2@h/0?hunter2", "no parameter"),
        ("default:hunter2@h/0?a=1&a=2", "twice"),
    ],
)
def test_each_part_that_is_wrong_is_named_and_no_part_is_shown(normalise, place, said):
    scheme = "redis" if normalise is normalise_redis_url else "postgresql"
    with pytest.raises(ValueError, match=said) as refused:
        normalise(f"{scheme}://{place}")
    assert "hunter2" not in str(refused.value)
    assert ": " in str(refused.value)  # what is wrong, and how to mend it


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("redis://h:6379?family=0", "redis://h:6379"),
        ("REDIS://[fd12::1]:6379/1", "redis://[fd12::1]:6379/1"),
        (
            "redis://default:a%2Fb%40c@my_host.railway.internal.:6379/",
            "redis://default:a%2Fb%40c@my_host.railway.internal.:6379/",
        ),
    ],
)
def test_what_is_right_is_taken_as_it_is(written, normalised):
    assert normalise_redis_url(written) == normalised


# What people write into a password and into all the other places.
PIECES = st.text(st.sampled_from("abZ09:/?#[]@%&=+ \t\n.-_~!$'{}\\^|\u00e9\u0661\u2100\u200b"), max_size=8)


@given(
    pieces=st.lists(PIECES, min_size=5, max_size=5), scheme=st.sampled_from(["redis", "rediss", "postgresql"])
)
@settings(deadline=None, max_examples=300)
def test_whatever_is_written_is_taken_by_every_library_or_refused_without_a_word_of_it(pieces, scheme):
    secret = f"hunter2{pieces[1]}hunter2"
    text = f"{scheme}://{pieces[0]}:{secret}@{pieces[2]}h:{pieces[3]}6379/{pieces[4]}0"
    normalise = normalise_database_url if scheme == "postgresql" else normalise_redis_url
    found, refused = "", ""
    try:
        found = normalise(text)
    except ValueError as error:
        refused = str(error)
    assert "hunter2" not in refused
    if refused:
        return
    secret = f"{pieces[0]}:{secret}".partition(":")[2]
    if scheme == "postgresql":
        assert make_url(found).password == unquote(secret)
        return
    taken = [parse_url(found)["password"], Connection(found).password]
    assert taken == [unquote(secret)] * 2


@pytest.mark.parametrize(
    ("url", "verifies"),
    [("redis://h", True), ("rediss://h", True), ("rediss://h?ssl_cert_reqs=optional", False)],
)
def test_verification_is_seen(url, verifies):
    assert verifies_tls(normalise_redis_url(url)) is verifies
