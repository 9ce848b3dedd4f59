"""The guide's first problem: Redis cannot be reached. The worker's log names the reason, and readiness does within ten seconds."""

import os
from urllib.parse import urlsplit

import pytest

from harness import Refused, eventually
from scenarios.probes import http_get
from scenarios.roadmaps.expected_errors import REDIS_GONE
from scenarios.roadmaps.services import API, CONTENT, LOGS

pytestmark = [pytest.mark.e2e, pytest.mark.stack(start=(), own_servers=True, tls=False)]
NAMED_SECONDS = 10.0
START_SECONDS = 60.0  # of a busy machine
UNTRUSTED = "certificate that is not trusted", r"certificate that is not trusted.*CERTIFICATE_VERIFY_FAILED"


def readiness(system):
    answer = http_get(f"{system.api_url}/health/ready?check=redis", timeout=NAMED_SECONDS)
    return (
        {"/redis": ""} if answer.is_success else {e["pointer"]: e["detail"] for e in answer.json()["errors"]}
    )


def start(system, **variables):
    """Start API and content worker with these variables and wait until the API answers: the time until readiness names Redis begins there."""
    system.expect_errors(REDIS_GONE, API, CONTENT, most=40)
    for service in (API, CONTENT):
        system.deploy(service, **variables)
    eventually(
        lambda: http_get(f"{system.api_url}/health", timeout=5).is_success,
        timeout=START_SECONDS,
        what="the API",
        unless=system.node(API).why_down,
    )


def named(system, said, log):
    """Wait until readiness and the worker's log each name the trouble."""
    eventually(
        lambda: said in readiness(system).get("/redis", ""),
        timeout=NAMED_SECONDS,
        what=f"readiness that says: {said}",
        unless=system.node(API).why_down,
        evidence=lambda: str(readiness(system)),
    )
    system.node(CONTENT).log.wait_for(log, timeout=NAMED_SECONDS)


def test_redis_that_is_not_there_is_named(system):
    """Redis is unreachable: the worker says so and tries again for ever, readiness names it within 10 s."""
    start(system, REDIS_URL="redis://127.0.0.1:1/0")
    named(system, "does not answer", r"(?s)Redis does not answer \(\w+\).*Trying again")
    assert system.node(CONTENT).alive


@pytest.mark.needs("hurt")
def test_redis_that_goes_away_is_named_and_found_again(system):
    """Redis goes away from a stack that works: readiness names it within 10 s, and all is well once it is back."""
    system.expect_errors_while_hurt(REDIS_GONE, API, CONTENT, LOGS, most=50)
    for service in (API, CONTENT, LOGS):
        system.node(service).start()
    system.stack.wait_until_ready([API, CONTENT, LOGS])
    with system.faults.inject(Refused("redis")):
        named(system, "REDIS_URL", r"consumer: (Connection to broker lost|Cannot connect)")
    written = system.api.sign_up().create_roadmap("Rust").wait_until_ended()
    assert written["status"] == "completed"


@pytest.mark.needs("pids")
def test_plain_redis_where_there_is_tls_is_named(system):
    """REDIS_URL begins with redis:// where Redis speaks TLS: worker and readiness say to use rediss://."""
    with system.tls_front("redis") as front:
        start(system, REDIS_URL=moved(system, "redis", front.address))
        named(system, "must begin with rediss://", r"REDIS_URL must begin with rediss://.*Cannot connect")


@pytest.mark.needs("pids")
def test_a_certificate_that_nobody_vouches_for_is_named(system):
    """Redis' certificate is of an unknown authority: worker and readiness say so, and nothing is sent to it."""
    with system.tls_front("redis") as front:
        start(system, REDIS_URL=moved(system, "rediss", front.address))
        named(system, *UNTRUSTED)


@pytest.mark.stack(start=(), tls=True)
def test_a_machine_that_trusts_nobody_is_named_until_it_trusts_redis(system):
    """A role's machine does not trust who signed Redis' certificate: both say so; deployed where it does, everything works."""
    start(system, SSL_CERT_FILE=os.devnull)
    named(system, *UNTRUSTED)
    for service in (API, CONTENT):
        system.node(service).stop()
    for service in (API, CONTENT, LOGS):
        system.deploy(service, SSL_CERT_FILE=system.stack.environments[service]["SSL_CERT_FILE"])
    system.stack.wait_until_ready([API, CONTENT, LOGS])
    assert system.api.sign_up().create_roadmap("Rust").wait_until_ended()["status"] == "completed"


def test_a_wrong_password_is_named(system):
    """The password in REDIS_URL is wrong: worker and readiness say so."""
    system.stack.redis.config_set("requirepass", "right")
    wrong = urlsplit(system.stack.environments[API]["REDIS_URL"])
    start(system, REDIS_URL=wrong._replace(netloc=f":wrong@{wrong.netloc.rpartition('@')[2]}").geturl())
    named(system, "refuses the password", "Redis refuses the password in REDIS_URL")


@pytest.mark.needs("pids")
def test_a_verified_certificate_carries_the_whole_product(system):
    """With TLS whose authority REDIS_URL names, everything works: the API publishes, the workers consume."""
    with system.tls_front("redis") as front:
        url = f"{moved(system, 'rediss', front.address)}?ssl_ca_certs={front.authority}"
        for service in (API, CONTENT, LOGS):
            system.deploy(service, REDIS_URL=url)
        system.stack.wait_until_ready([API, CONTENT, LOGS])
        assert system.api.sign_up().create_roadmap("Rust").wait_until_ended()["status"] == "completed"
        assert readiness(system) == {"/redis": ""}
        system.check()
        for service in (API, CONTENT, LOGS):
            system.node(service).stop()


def moved(system, scheme, address):
    """The stack's own REDIS_URL with its password, but another address."""
    own = urlsplit(system.stack.environments[API]["REDIS_URL"])
    credentials, at, _ = own.netloc.rpartition("@")
    return own._replace(scheme=scheme, netloc=f"{credentials}{at}{address}", query="").geturl()
