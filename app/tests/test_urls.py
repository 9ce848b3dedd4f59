import pytest

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


@pytest.mark.parametrize("url", ["mysql://u@h/d", "postgresql://", "postgresql://host", "nonsense"])
def test_what_is_no_postgres_address_is_refused(url):
    with pytest.raises(ValueError, match="postgresql://user:password@host"):
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


@pytest.mark.parametrize("url", ["http://h", "redis://", "rediss://h?ssl_cert_reqs=maybe"])
def test_what_is_no_redis_address_is_refused(url):
    with pytest.raises(ValueError, match=r"must look like|ssl_cert_reqs"):
        normalise_redis_url(url)


@pytest.mark.parametrize(
    ("url", "verifies"),
    [("redis://h", True), ("rediss://h", True), ("rediss://h?ssl_cert_reqs=optional", False)],
)
def test_verification_is_seen(url, verifies):
    assert verifies_tls(normalise_redis_url(url)) is verifies
