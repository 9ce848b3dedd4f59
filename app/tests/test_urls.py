import ssl
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kombu import Connection
from redis.connection import parse_url
from sqlalchemy import make_url

from app.core.session import way
from app.core.urls import (
    driver_dsn,
    normalise_database_url,
    normalise_redis_url,
    proves_who_answers,
    verifies_tls,
)


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


def test_a_certificates_authority_goes_to_the_driver_and_not_to_sqlalchemy(settings):
    url = normalise_database_url("postgresql://u:p@db/app?sslmode=verify-ca&sslrootcert=/a%20b/ca.pem")
    assert driver_dsn(url) == "postgresql://u:p@db/app?sslmode=verify-ca&sslrootcert=/a+b/ca.pem"
    system = settings.model_copy(update={"database_url": url.replace("/a+b/ca.pem", "system")})
    assert way(system).address == "postgresql+asyncpg://u:p@db/app"
    assert (way(system).tls.check_hostname, way(system).tls.verify_mode) == (False, ssl.CERT_REQUIRED)


@pytest.mark.parametrize(
    ("mode", "sent"), [("", None), ("?ssl=require", "require"), ("?ssl=disable", "disable")]
)
def test_what_verifies_nothing_is_the_drivers_to_do(settings, mode, sent):
    url = f"postgresql+asyncpg://u:p@db/app{mode}"
    assert way(settings.model_copy(update={"database_url": url})).tls == sent


def test_the_authorities_of_the_machine_are_trusted_where_none_is_named(settings):
    url = normalise_database_url("postgresql://u:p@db.example.com/app?sslmode=verify-full")
    tls = way(settings.model_copy(update={"database_url": url})).tls
    assert (tls.check_hostname, tls.verify_mode) == (True, ssl.CERT_REQUIRED)
    assert tls.get_ca_certs() or ssl.get_default_verify_paths().capath


@pytest.mark.parametrize(
    ("place", "proves"),
    [
        ("db", True),
        ("postgres.railway.internal", True),
        ("10.1.2.3", True),
        ("[fd12::1]", True),
        ("127.0.0.1", True),
        ("db.example.com", False),
        ("8.8.8.8", False),
        ("sample.proxy.rlwy.net:5432", False),
    ],
)
def test_the_internet_is_told_from_a_private_network(place, proves):
    for mode in ("", "?sslmode=require", "?sslmode=verify-ca", "?sslmode=disable"):
        assert proves_who_answers(normalise_database_url(f"postgresql://u:p@{place}/app{mode}")) is proves
    assert proves_who_answers(normalise_database_url(f"postgresql://u:p@{place}/app?sslmode=verify-full"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://h/d?sslrootcert=/ca.pem", "add sslmode=verify-full"),
        ("postgresql://h/d?sslmode=require&sslrootcert=/ca.pem", "add sslmode=verify-full"),
        ("postgresql://h/d?sslmode=verify-full&sslrootcert=", "names no file"),
        ("mysql://u@h/d", "begin with postgresql://"),
        ("postgresql://", "has no host"),
        ("postgresql://host", "names no database"),
        ("postgresql://host/a/b", "names no database"),
        ("postgresql://host/%20", "names no database"),
        ("postgresql://host/my%20app", "an escape in the name of its database"),
        ("postgresql://host/%61pp", "an escape in the name of its database"),
        ("nonsense", "another scheme"),
        ("postgresql://h/d?sslmode=maybe", "unknown sslmode"),
        ("postgresql://h/d?sslmode=require&ssl=require", "unknown sslmode"),
        ("postgresql://h/d", "names no user"),
        ("postgresql://:hunter2@h/d", "names no user"),
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
        ("redis://h/1000", "from 0 to 999"),
        ("redis://h/99999999999999999999", "from 0 to 999"),
        ("redis://h?ssl_cert_reqs=required", "speaks none"),
        ("redis://h?ssl_check_hostname=true", "speaks none"),
        ("rediss://h?ssl_check_hostname=perhaps", "neither true nor false"),
        ("rediss://h?ssl_check_hostname=", "neither true nor false"),
        ("rediss://h?ssl_ca_certs=", "names no file"),
        ("redis://default:hun;ter2@h", "write %3B"),
        ("redis://h/0;redis://other", "write %3B"),
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
        ("default:hunter2@10.0.0.256", "no IPv4 address"),
        ("default:hunter2@1.2.3", "no IPv4 address"),
        ("default:hunter2@127.1", "no IPv4 address"),
        ("default:hunter2@2130706433", "no IPv4 address"),
        ("default:hunter2@[fe80::1%25eth0]", "without a zone"),
        ("default:hunter2@[fe80::1%eth0]", "without a zone"),
        ("default:hunter2%00@h", "control character"),
        ("default:hunter2%0a@h", "control character"),
        ("default:hunter2@h/0%1b", "control character"),
        ("default:hunter2@h/0?%1B%5b31m=1", "control character"),
        ("default:hunter2@h/0?hunter2", "no parameter"),
        ("default:hunter2@h/0?hunter2=1", "parameter"),
        ("default:hunter2@h/0?a=1&a=2", "twice"),
    ],
)
def test_each_part_that_is_wrong_is_named_and_no_part_is_shown(normalise, place, said):
    scheme = "redis" if normalise is normalise_redis_url else "postgresql"
    with pytest.raises(ValueError, match=said) as refused:
        normalise(f"{scheme}://{place}")
    assert "hunter2" not in str(refused.value)
    assert ": " in str(refused.value)  # the fault, and how to mend it


@pytest.mark.parametrize("character", ["\t", "\u200b", "#", ";"])
@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("red{}is://u:p@h:6379/0", "scheme"),
        ("{}redis://u:p@h", "scheme"),
        ("redis://u{}:p@h", "user or password"),
        ("redis://u:p/{}@h", "user or password"),
        ("redis://u:p@h{}", "host or port"),
        ("redis://h:6379{}", "host or port"),
        ("redis://u:p@h/0{}", "path"),
        ("redis://u:p@h/0?family=0{}", "parameters"),
        ("no{}address", "scheme"),
    ],
)
def test_a_character_that_is_nowhere_allowed_is_told_by_the_part_that_it_is_in(text, part, character):
    if character == "#" and part == "scheme":
        return  # it would be another scheme
    with pytest.raises(ValueError, match=f" in its {part}"):
        normalise_redis_url(text.format(character))


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("redis://h:6379?family=0", "redis://h:6379"),
        ("REDIS://[fd12::1]:6379/1", "redis://[fd12::1]:6379/1"),
        ("redis://10.0.0.1:6379/999", "redis://10.0.0.1:6379/999"),
        ("redis://default:a%3Bb@h", "redis://default:a%3Bb@h"),
        (
            "redis://default:a%2Fb%40c@my_host.railway.internal.:6379/",
            "redis://default:a%2Fb%40c@my_host.railway.internal.:6379/",
        ),
    ],
)
def test_what_is_right_is_taken_as_it_is(written, normalised):
    assert normalise_redis_url(written) == normalised


# Texts that people write into a password and into all other parts.
PIECES = st.text(st.sampled_from("abZ09:;/?#[]@%&=+ \t\n.-_~!$'{}\\^|\u00e9\u0661\u2100\u200b"), max_size=8)


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
    ("written", "checks"),
    [
        ("0", False),
        ("no", False),
        ("False", False),
        ("off", False),
        ("1", True),
        ("YES", True),
        ("true", True),
    ],
)
def test_every_client_checks_the_hosts_name_or_none_does(written, checks):
    url = normalise_redis_url(f"rediss://h?ssl_check_hostname={written}")
    assert parse_url(url)["ssl_check_hostname"] is checks
    assert Connection(url).ssl["ssl_check_hostname"] is checks
    assert verifies_tls(url) is checks


@pytest.mark.parametrize(
    ("url", "verifies"),
    [
        ("rediss://h", True),
        ("rediss://db.example.com", True),
        ("rediss://h?ssl_cert_reqs=optional", False),
        ("redis://h", True),
        ("redis://:p@redis.railway.internal:6379/0", True),
        ("redis://127.0.0.1", True),
        ("redis://[::1]:6379", True),
        ("redis://10.1.2.3", True),
        ("redis://default:pw@sample.proxy.rlwy.net:12345", False),
        ("redis://8.8.8.8", False),
        ("redis://[2606:4700::1]:6379", False),
        ("redis://redis.internal.example.com", False),
    ],
)
def test_verification_is_seen(url, verifies):
    assert verifies_tls(normalise_redis_url(url)) is verifies


@pytest.mark.parametrize(
    "port", ["00000000112345678", "65536", "0", "00", "99999999999999999999", "\uff16\uff13\uff17\uff19", ""]
)
def test_a_port_that_is_none_however_many_noughts_it_begins_with(port):
    for normalise, url in (
        (normalise_redis_url, "redis://h:{}/0"),
        (normalise_database_url, "postgresql://h:{}/d"),
    ):
        with pytest.raises(ValueError, match="port that is no number"):
            normalise(url.format(port))


@pytest.mark.parametrize("database", ["00001000000", "1000", "99999999999", "1e3"])
def test_a_database_number_that_is_none_however_many_noughts_it_begins_with(database):
    with pytest.raises(ValueError, match="database that is no number"):
        normalise_redis_url(f"redis://h:6379/{database}")


@pytest.mark.parametrize(
    "host", ["0x08080808", "0X8080808", "8.8.8.0x8", "db.08", "a.b.0x", "134744072", "1.2.3.4.5"]
)
def test_a_host_that_systems_read_as_an_address_of_the_internet(host):
    """Some of them mean 8.8.8.8, but none has a dot, by which it would look public."""
    for normalise, url in (
        (normalise_redis_url, "redis://{}:6379/0"),
        (normalise_database_url, "postgresql://{}/d"),
    ):
        with pytest.raises(ValueError, match="ends in a number"):
            normalise(url.format(host))


@pytest.mark.parametrize("host", ["db0x1", "redis-1", "7up", "0xcafe.internal", "10.0.0.1", "a1.b2"])
def test_a_host_with_a_number_in_it_that_is_none(host):
    assert host in normalise_redis_url(f"redis://{host}:6379/0")
