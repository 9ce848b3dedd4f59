"""Whatever a provider's status is, only the useful part of its body is read: with real servers and real connections."""

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import httpx2
import pytest
from anyio import EndOfStream

from app.core.settings import Settings
from app.roadmaps.account import Refusal
from app.roadmaps.answer import Cost, ProviderError
from app.roadmaps.body import MOST_OF_AN_ERROR
from app.roadmaps.provider import MOST_BYTES, Provider
from app.schemas.content import IntentAnalysis
from app.tests.memory import INTENT

PIECE = b"x" * (256 << 10)
PIECES = 400  # 100 MB, so that even a reader without a limit comes to an end
IN_FLIGHT = 24 << 20  # bytes that kernels hold between a server and a reader that has gone
SOUND = json.dumps(
    {
        "choices": [{"message": {"content": json.dumps(INTENT), "refusal": None}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 11},
    }
).encode()


class Server:
    """Answers every request with the same bytes, and counts those that were taken from it."""

    def __init__(self, head: str, body: Iterable[bytes]) -> None:
        self._head = f"HTTP/1.1 {head}\r\nConnection: close\r\n\r\n".encode()
        self._body = list(body)
        self.sent = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self._head)
            for piece in self._body:
                writer.write(piece)
                await writer.drain()
                self.sent += len(piece)
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def asking(server: Server) -> AsyncIterator[Provider]:
    async with await asyncio.start_server(server.answer, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        provider = Provider(
            Settings(
                service_type="celery_content",
                openai_api_key="sk-test",
                openai_base_url=f"http://127.0.0.1:{port}/v1",
            )
        )
        yield provider
        await provider.close()


async def ended(provider: Provider) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await provider.ask([{"role": "user", "content": "{}"}], IntentAnalysis, "r/intent/-/1")
    return caught.value


@pytest.fixture
def read(monkeypatch):
    """The decompressed size of the body that each response of the client got."""
    lengths: list[int] = []
    whole = httpx2.Response.aread

    async def counted(response):
        lengths.append(len(await whole(response)))
        return response.content

    monkeypatch.setattr(httpx2.Response, "aread", counted)
    return lengths


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("500 X", "http_500"),
        ("429 X", "http_429"),
        ("400 X", "http_400"),
        ("304 X\r\nContent-Length: 104857600", "http_304"),
        ("302 X", "http_302"),
        ("302 X\r\nLocation: http://127.0.0.1:1/", "connection"),
        ("200 OK", "malformed"),
    ],
)
async def test_a_body_that_never_ends_is_left(read, head, code):
    server = Server(head, [PIECE] * PIECES)
    async with asking(server) as provider:
        assert (await ended(provider)).code == code
    assert all(length <= MOST_OF_AN_ERROR for length in read)
    assert server.sent < IN_FLIGHT < len(PIECE) * PIECES


@pytest.mark.parametrize("status", [302, 400, 500])
async def test_what_is_packed_is_not_unpacked_to_say_that_it_failed(read, status):
    packed = gzip.compress(bytes(32 << 20))
    server = Server(f"{status} X\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}", [packed])
    async with asking(server) as provider:
        assert (await ended(provider)).code == f"http_{status}"
    assert read
    assert all(length <= MOST_OF_AN_ERROR for length in read)


async def test_a_redirect_that_goes_round_is_left_each_time(read):
    server = Server("307 X\r\nLocation: /v1/chat/completions", [b"x" * 100_000])
    async with asking(server) as provider:
        assert (await ended(provider)).code == "connection"
    assert 1 < len(read) < 50
    assert all(length <= MOST_OF_AN_ERROR for length in read)


async def test_what_an_error_says_of_itself_is_read():
    said = json.dumps({"error": {"code": "insufficient_quota", "message": "所" * 10_000}}).encode()
    async with asking(Server(f"429 X\r\nContent-Length: {len(said)}", [said])) as provider:
        error = await ended(provider)
    assert (error.code, error.transient, error.refused) == ("http_429", False, Refusal.QUOTA)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zlib.compress])
async def test_an_answer_may_have_so_many_bytes_and_no_more(pack):
    coding = {bytes: "identity", gzip.compress: "gzip", zlib.compress: "deflate"}[pack]
    for length, sound in ((MOST_BYTES, True), (MOST_BYTES + 1, False)):
        body = pack(SOUND.ljust(length))
        async with asking(Server(f"200 OK\r\nContent-Encoding: {coding}", [body])) as provider:
            if sound:
                answer = await provider.ask(
                    [{"role": "user", "content": "{}"}], IntentAnalysis, "r/intent/-/1"
                )
                assert answer.cost == Cost(7, 11)
            else:
                assert (await ended(provider)).code == "malformed"


async def test_an_answer_that_cannot_be_unpacked_is_no_broken_connection(caplog):
    async with asking(Server("200 OK\r\nContent-Encoding: gzip", [b"no gzip " * 9])) as provider:
        error = await ended(provider)
    assert (error.code, error.transient) == ("malformed", True)
    assert "not foreseen" not in caplog.text


@pytest.mark.parametrize("error", [EndOfStream(), OSError(104, "reset"), httpx2.ReadError("gone")], ids=repr)
async def test_a_connection_may_break_in_the_midst_of_an_answer(monkeypatch, caplog, error):
    class Broken(httpx2.AsyncByteStream):
        async def __aiter__(self):
            yield SOUND[:20]
            raise error

    async def answer(_transport, _request):
        return httpx2.Response(200, stream=Broken())

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", answer)
    async with asking(Server("200 OK", [])) as provider:
        assert (await ended(provider)).code == "connection"
    assert "not foreseen" not in caplog.text
