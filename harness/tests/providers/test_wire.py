"""One write says what two messages of ASGI would have said, byte for byte, and leaves the connection as they would have."""

import re
import socket

import pytest

from harness.nodes.ports import ReservedPort
from harness.providers import wire
from harness.providers.openai.server import FakeOpenAIServer

BODY = b'{"model": "m", "messages": [{"role": "user", "content": "hi"}]}'
STREAM = BODY.replace(b'"model"', b'"stream": true, "model"')
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\ncontent-length: %d\r\n%b\r\n"
WRONG = HEAD.replace(b"/v1/chat", b"/v1/cat")


@pytest.fixture
def answers():
    """Send these bytes to a server of our own, and answer what comes back until it closes or has answered them all."""
    import threading

    import uvicorn

    class Quiet(uvicorn.Server):
        def install_signal_handlers(self) -> None:
            pass

    def ask(sent: bytes, count: int) -> bytes:
        with ReservedPort() as port:
            config = uvicorn.Config(
                FakeOpenAIServer(),
                port=port.number,
                log_level="error",
                lifespan="off",
                ws="none",
                http="httptools",
            )
            server = Quiet(config)
            thread = threading.Thread(target=server.run)
            thread.start()
            try:
                return _exchange(port.number, sent, count)
            finally:
                server.should_exit = True
                thread.join()

    return ask


def _exchange(port: int, sent: bytes, count: int) -> bytes:
    from harness.base.wait import eventually

    connection = eventually(
        lambda: socket.create_connection(("127.0.0.1", port), timeout=5), timeout=10, what="the server"
    )
    with connection:
        connection.sendall(sent)
        received = b""
        while received.count(b"\r\n\r\n") < count or not received.endswith(b"}"):
            part = connection.recv(65536)
            if not part:
                break
            received += part
        return received


def _without_times(answer: bytes) -> bytes:
    return re.sub(rb"(date|openai-processing-ms): [^\r]*", rb"\1: -", answer)


@pytest.mark.parametrize(
    ("sent", "count"),
    [
        (HEAD % (len(BODY), b"") + BODY, 1),
        (HEAD % (len(BODY), b"connection: close\r\n") + BODY, 1),
        (2 * (HEAD % (len(BODY), b"") + BODY), 2),
        (HEAD % (len(STREAM), b"connection: close\r\n") + STREAM, 1),
        (HEAD % (len(STREAM), b"") + STREAM + HEAD % (len(BODY), b"") + BODY, 2),
        (HEAD % (2, b"") + b"{}", 1),
        (WRONG % (0, b""), 1),
    ],
    ids=["kept alive", "closed", "pipelined", "stream closed", "stream kept alive", "refused", "not found"],
)
def test_both_ways_send_the_same_bytes(answers, monkeypatch, sent, count):
    at_once = answers(sent, count)
    monkeypatch.setattr(wire.Wire, "send_whole", lambda *_: False)
    assert _without_times(at_once) == _without_times(answers(sent, count))
    assert at_once.startswith(b"HTTP/1.1 ")


def test_another_server_is_spoken_to_in_asgi():
    async def send(_message):
        pass

    assert wire.Wire(send).send_whole(200, [], b"") is False
    assert wire.Wire(send).abandoned is False
