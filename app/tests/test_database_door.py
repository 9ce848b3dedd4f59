"""Whatever answers where the database should be, every role waits for it or ends with one sentence: no code, and no bytes, are a traceback."""

import gc
import re
import socketserver
import struct
import threading
from contextlib import contextmanager, suppress

import asyncpg
import pytest

from app.core import database_door, migration, schema
from app.core.migration import locked
from app.core.schema import wait_for_schema
from app.core.settings import load_settings
from app.core.unusable import UnusableError
from app.tests.test_database_trouble import KNOWN, raised
from app.tests.test_migration import Opened
from app.tests.test_settings import environment

# asyncpg leaves the socket of a failed attempt to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
SECRET = "hunter2"
TLS = b"\x04\xd2\x16/"  # a client's request for TLS: PostgreSQL, "Message Formats", SSLRequest


def message(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("!i", len(content) + 4) + content


def refusal(state: bytes) -> bytes:
    return message(b"E", b"SFATAL\0" + (b"C" + state + b"\0" if state else b"") + b"Mno, hunter2\0\0")


def asks_for(kind: int, content: bytes = b"") -> bytes:
    return message(b"R", struct.pack("!i", kind) + content)


LET_IN, READY = asks_for(0), message(b"Z", b"I")
INVENTED = ["ZZ999", "XX999", "99999", "P9999", "1", "", "hunter2", "\x1b[31m", "ZZ\n99"]
ENDS = {
    "GSS": asks_for(7),
    "Kerberos": asks_for(2),
    "SASL of its own": asks_for(10, b"OAUTHBEARER\0\0"),
    "a cut salt": asks_for(5, b"a"),
    "no version": LET_IN + READY,
    "bytes as a time zone": LET_IN
    + message(b"S", b"server_version\x0016\0")
    + message(b"S", b"TimeZone\0\xff\xfe\0")
    + READY,
    "a length below nought": b"R" + struct.pack("!i", -5),
    "no field of an error": message(b"E", b"\0"),
    **{f"state {state!r}": refusal(state.encode()) for state in INVENTED},
}
WAITS = {
    "nothing": b"",
    "HTTP": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "Redis": b"-ERR unknown command hunter2\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "an unknown message": LET_IN + message(b"?", b"hunter2"),
}


class _Answer(socketserver.BaseRequestHandler):
    """Sends the same bytes to every client, and reads until the client has gone."""

    def handle(self) -> None:
        with suppress(OSError):
            if self.request.recv(8)[4:] == TLS:
                self.request.sendall(self.server.to_tls)
                self.request.recv(8)
            self.request.sendall(self.server.answer)
            while self.server.answer and self.request.recv(4096):
                pass


@contextmanager
def answering(answer: bytes, to_tls: bytes = b"N"):
    """A server that sends only these bytes; yields settings with its address."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Answer) as server:
        server.daemon_threads, server.answer, server.to_tls = True, answer, to_tls
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"postgresql://u:{SECRET}@127.0.0.1:{server.server_address[1]}/app"
        yield load_settings(environment("api", DATABASE_URL=url, DATABASE_WAIT_SECONDS="0.3"))
        server.shutdown()
    gc.collect()


async def itself(holder):
    return await schema.schema(holder)


STARTS = {"api": lambda given: locked(given, itself), "worker": wait_for_schema}


@pytest.mark.in_turn
@pytest.mark.parametrize("role", STARTS)
@pytest.mark.parametrize("answer", ENDS.values(), ids=ENDS)
async def test_a_server_that_is_no_postgresql_ends_every_role_in_one_sentence(answer, role):
    with (
        answering(answer) as settings,
        pytest.raises(UnusableError, match=r"^DATABASE_URL: the database .*: .*") as ended,
    ):
        await STARTS[role](settings)
    assert SECRET not in str(ended.value)
    assert str(ended.value).isprintable()
    assert not re.search(r"\[31m|\n", str(ended.value))


async def test_a_way_to_prove_ones_name_that_is_not_ours_is_named():
    for answer in (ENDS["Kerberos"], ENDS["SASL of its own"]):
        with (
            answering(answer) as settings,
            pytest.raises(UnusableError, match=r"scram-sha-256 in pg_hba\.conf"),
        ):
            await wait_for_schema(settings)


async def test_what_does_not_even_refuse_tls_is_none():
    with (
        answering(b"", to_tls=b"H") as settings,
        pytest.raises(UnusableError, match="something else than PostgreSQL"),
    ):
        await wait_for_schema(settings)


@pytest.mark.parametrize("answer", WAITS.values(), ids=WAITS)
async def test_what_says_nothing_of_use_is_waited_for(answer, caplog):
    with answering(answer) as settings, pytest.raises(TimeoutError, match="check DATABASE_URL") as ended:
        await locked(settings, itself)
    assert SECRET not in str(ended.value) + caplog.text


@pytest.fixture
def refuses(monkeypatch):
    """Every attempt to connect fails with the error that the test puts in here."""
    errors = []

    async def connect(*_, **__):
        raise errors[0]

    monkeypatch.setattr(asyncpg, "connect", connect)
    for module in (migration, schema):
        monkeypatch.setattr(module, "RETRY_SECONDS", 0.001)
    return errors


@pytest.fixture
def lets_in(monkeypatch):
    """Every attempt to connect succeeds."""

    async def connect(*_, **__):
        return Opened()

    monkeypatch.setattr(asyncpg, "connect", connect)
    monkeypatch.setattr(migration, "RETRY_SECONDS", 0.001)


@pytest.mark.parametrize(("state", "kind"), KNOWN, ids=[state for state, _ in KNOWN])
async def test_every_state_ends_a_role_or_has_it_wait(refuses, settings, state, kind):
    refuses.append(kind(SECRET))
    impatient = settings.model_copy(update={"database_wait_seconds": 0.005})
    with pytest.raises((UnusableError, TimeoutError)) as ended:
        await locked(impatient, itself)
    assert SECRET not in str(ended.value)
    assert state in str(ended.value)


@pytest.mark.parametrize("wrap", [raised, lambda error: error], ids=["SQLAlchemy", "asyncpg"])
async def test_every_state_that_a_step_of_the_preparation_meets_is_a_sentence(lets_in, settings, wrap):
    """A revision or the administrator's account is refused: the error has the server's code, and the server's log has the statement."""
    errors = [kind(SECRET) for _, kind in KNOWN if issubclass(kind, asyncpg.PostgresError)]
    errors.append(asyncpg.PostgresError.new({"C": "ZZ999", "M": SECRET}))
    impatient = settings.model_copy(update={"database_wait_seconds": 0.001})

    async def prepare(holder):
        raise wrap(error)

    for error in errors:
        with pytest.raises((UnusableError, TimeoutError)) as ended:
            await locked(impatient, prepare)
        assert re.match(r"(DATABASE_URL: )?the database ", str(ended.value))
        assert SECRET not in str(ended.value)
        assert error.sqlstate in str(ended.value)
    assert len(errors) > 200


@pytest.mark.parametrize("wrapped", [True, False], ids=["SQLAlchemy", "asyncpg"])
@pytest.mark.parametrize(
    "said", ["connection is closed", "the underlying connection was closed in the middle of operation"]
)
async def test_a_connection_that_breaks_while_it_is_prepared_is_made_anew(
    lets_in, settings, caplog, said, wrapped
):
    broken = asyncpg.InterfaceError(said)
    outcomes = [raised(broken) if wrapped else broken, None]

    async def prepare(holder):
        if error := outcomes.pop(0):
            raise error
        return "done"

    assert await locked(settings, prepare) == "done"
    assert caplog.messages == ["waiting for the database: it broke the connection off"]


@pytest.mark.parametrize(
    "error",
    [
        struct.error("x"),
        KeyError("x"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"),
        BufferError(),
        Exception("x"),
    ],
    ids=repr,
)
async def test_what_a_driver_makes_of_bytes_that_it_does_not_know_is_no_traceback(refuses, settings, error):
    refuses.append(error)
    for start in STARTS.values():
        with pytest.raises(UnusableError, match="something else than PostgreSQL answers"):
            await start(settings)


def test_a_server_that_lacks_what_a_revision_needs_is_named_after_the_first_question_too():
    for kind in (
        asyncpg.FeatureNotSupportedError,
        asyncpg.UndefinedFunctionError,
        asyncpg.PostgresSyntaxError,
        asyncpg.UndefinedObjectError,
    ):
        assert "too old for this program" in database_door.final(raised(kind(SECRET)))
    assert not database_door.final(raised(asyncpg.UniqueViolationError(SECRET)))
