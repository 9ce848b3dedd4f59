import logging

import pytest
from redis._parsers.base import BaseParser
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ConnectionError,  # noqa: A004 - it is the client's
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TimeoutError,  # noqa: A004 - it is the client's
)

from app.core.redis_trouble import TRIAL, Explanation, Probe, trouble


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionError("Connection closed by server."), "REDIS_URL must begin with rediss://"),
        (
            ConnectionError(
                "Error 1 connecting to host:1. [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"
            ),
            "has a certificate that is not trusted",
        ),
        (
            ConnectionError("Error 1 connecting to host:1. [SSL: WRONG_VERSION_NUMBER] wrong version number"),
            "does not speak TLS",
        ),
        (AuthenticationError("invalid username-password pair or user is disabled."), "refuses the password"),
        (AuthenticationError("Authentication required."), "wants a password"),
        (
            ConnectionError("Error 111 connecting to host:1."),
            "does not answer (ConnectionError): check REDIS_URL",
        ),
        (ResponseError("NOREPLICAS Not enough good replicas to write."), "refuses writes: fewer replicas"),
        (ReadOnlyError("You can't write against a read only replica."), "refuses writes: it is a replica"),
        (
            OutOfMemoryError("command not allowed when used memory > 'maxmemory'."),
            "refuses writes: its memory is full",
        ),
        (
            ResponseError("MISCONF Redis is configured to save RDB snapshots"),
            "refuses writes: it cannot write to its disk",
        ),
        (NoPermissionError("this user has no permissions to run the 'lpushx' command"), "see to its ACL"),
        (BusyLoadingError("Redis is loading the dataset in memory"), "is starting up"),
        (ConnectionError("max number of clients reached"), "too many clients"),
        (
            ResponseError("max daily request limit exceeded. Limit: 10000, Usage: 10000."),
            "commands of its plan",
        ),
        (ResponseError("DB index is out of range"), "has no database of this number"),
        (ResponseError("Only 0th database is supported! Selected DB: 1"), "has the database 0 alone"),
        (ResponseError("WEIRD host:1"), "refuses what is asked of it (WEIRD)"),
        (TimeoutError("Timeout connecting to server"), "does not answer (TimeoutError): check REDIS_URL"),
    ],
)
def test_an_operator_is_told_what_to_change_and_never_the_address(error, said):
    assert said in trouble(error)
    assert "host:1" not in trouble(error)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("NOPERM User host:1 has no permissions to run the 'lpushx' command", "see to its ACL"),
        ("NOPERM No permissions to access a key", "see to its ACL"),
        (
            "ERR ACL failure in script: User default has no permissions to run the 'zadd' command",
            "see to its ACL",
        ),
        (
            "ERR The user executing the script can't run this command or subcommand script: x",
            "see to its ACL",
        ),
        ("NOPERM No permissions to access a channel", "see to its ACL"),
        (
            "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
            "is a replica whose primary is away",
        ),
        ("CLUSTERDOWN The cluster is down", "is a cluster that is down"),
        ("CLUSTERDOWN Hash slot not served", "is a cluster that is down"),
        ("MOVED 3999 host:1", "must lead to a single server"),
        ("ASK 3999 host:1", "must lead to a single server"),
        ("CROSSSLOT Keys in request don't hash to the same slot", "must lead to a single server"),
        ("TRYAGAIN Multiple keys request during rehashing of slot", "must lead to a single server"),
        ("DENIED Redis is running in protected mode because protected mode is enabled", "in protected mode"),
        ("READONLY You can't write against a read only replica.", "it is a replica"),
        ("OOM command not allowed when used memory > 'maxmemory'.", "its memory is full"),
        ("LOADING Redis is loading the dataset in memory", "is starting up"),
        ("NOAUTH Authentication required.", "wants a password"),
        ("WRONGPASS invalid username-password pair or user is disabled.", "refuses the password"),
        ("ERR invalid password", "refuses the password"),
        ("ERR max number of clients reached", "too many clients"),
        ("NOREPLICAS Not enough good replicas to write.", "fewer replicas"),
        ("MISCONF Redis is configured to save RDB snapshots", "cannot write to its disk"),
        ("ERR unknown command 'HELLO', with args beginning with: 'host:1'", "Redis 6 or newer"),
        ("EXECABORT Transaction discarded because of previous errors.", "asked of it (EXECABORT)"),
        ("BUSY Redis is busy running a script.", "asked of it (BUSY)"),
        ("ERR host:1 what an odd thing", "asked of it (ERR)"),
        ("ERR", "asked of it (ERR)"),
        ("host:1 denies it", "asked of it (ResponseError)"),
        ("secretive words", "asked of it (ResponseError)"),
        ("Host denies it", "asked of it (ResponseError)"),
        ("", "asked of it (ResponseError)"),
    ],
)
def test_what_a_server_answers_is_explained_as_the_library_hands_it_on(answer, said):
    """The library drops the code of an error with its own class; the rest may be any server's words."""
    found = trouble(BaseParser.parse_error(answer))
    assert said in found
    assert not any(word in found for word in ("host:1", "secretive", "Host", "odd"))


def record(message: str, error: Exception) -> logging.LogRecord:
    return logging.LogRecord("celery", logging.ERROR, "", 0, message, (error,), None)


def test_a_worker_that_was_connected_is_told_nothing_of_tls():
    explanation, closed = Explanation(), ConnectionError("Connection closed by server.")
    for message, tls in (
        ("Cannot connect to redis://: %s", True),
        ("consumer: Connection to broker lost. Trying to re-establish the connection... (%r)", False),
        ("Cannot connect to redis://: %s", False),
    ):
        said = record(message, closed)
        explanation.filter(said)
        assert ("rediss://" in said.getMessage()) is tls


class Client:
    """A client whose calls have the results of a list, in order."""

    def __init__(self, *outcomes):
        self.outcomes = [*outcomes]
        self.connection_pool = self
        self.asked = []

    async def execute_command(self, *words):
        self.asked.append(words)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome

    async def disconnect(self):
        self.asked.append("disconnect")


async def test_readiness_tries_a_write():
    probe, refusal = Probe(), ResponseError("NOREPLICAS Not enough good replicas to write.")
    client = Client(refusal)
    assert "NOREPLICAS" in await probe.trouble(client)
    assert client.asked == [TRIAL]


async def test_readiness_asks_once_more_on_a_new_connection():
    probe, closed = Probe(), ConnectionError("Connection closed by server.")
    assert "rediss://" in await probe.trouble(Client(closed, closed))
    assert await probe.trouble(client := Client(closed, 0)) == ""
    assert client.asked == [TRIAL, "disconnect", TRIAL]
    assert await probe.trouble(Client(closed, closed)) == "closed the connection"
