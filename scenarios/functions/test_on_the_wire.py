"""The provider's answers as bytes on a connection, which a mocked transport cannot send."""

import gzip
import json

import pytest

from app.roadmaps.answer import Cost, ProviderError
from app.roadmaps.provider import MOST_BYTES, Provider
from app.schemas.content import IntentAnalysis
from app.tests.memory import INTENT
from scenarios.functions.product import settings_of
from scenarios.functions.wire import Wire, completion, response, sound

pytestmark = [pytest.mark.e2e, pytest.mark.once]
BODY = json.dumps(completion(json.dumps(INTENT))).encode()
GZIP = b"Content-Encoding: gzip\r\n"
WAIT = b"Retry-After: 3\r\n"


async def asked(answer: bytes):
    """The result of one call with this answer."""
    async with Wire(lambda _step, _call: answer) as wire:
        provider = Provider(settings_of("", openai_base_url=wire.url, openai_timeout_seconds=5))
        try:
            return await provider.ask([{"role": "user", "content": "{}"}], IntentAnalysis, "r/intent/-/1")
        finally:
            await provider.close()


@pytest.mark.parametrize(
    "answer", [sound(INTENT), response(gzip.compress(BODY), more=GZIP)], ids=["plain", "gzip"]
)
async def test_an_answer_is_read(answer):
    assert (await asked(answer)).cost == Cost(7, 11)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (response(BODY, more=GZIP), "malformed"),
        (response(gzip.compress(BODY)[:-20], more=GZIP), "malformed"),
        (response(gzip.compress(b" " * (MOST_BYTES + 1)), more=GZIP), "malformed"),
        (response(b"", "204 No Content"), "malformed"),
        (response(BODY, length=len(BODY) + 1), "connection"),
        (sound(INTENT)[:40], "connection"),
        (b"", "connection"),
        (b"\x00\xff", "connection"),
        (response(b"", "307 X", more=b"Location: /v1/chat/completions\r\n"), "connection"),
        (response(b"", "302 X", more=b"Location: http://[\r\n"), "connection"),
        (response(b"", "302 X"), "http_302"),
        (response(b"", "101 Switching Protocols"), "connection"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_no_answer_is_an_error(answer, code, caplog):
    with pytest.raises(ProviderError) as caught:
        await asked(answer)
    assert caught.value.code == code
    assert "not foreseen" not in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        response(b"{}", "503 X", more=WAIT),
        response(b"no gzip", "503 X", more=WAIT + GZIP),
        response(b"no chunks", "503 X", more=WAIT + b"Transfer-Encoding: chunked\r\n").replace(
            b"Content-Length: 9\r\n", b""
        ),
        response(b"{}", "503 X", length=1_000, more=WAIT),
        response(b"{}", "503 X", "text/plain; charset=utf-16", more=WAIT),
        response(gzip.compress(b" " * 100_000_000), "503 X", more=WAIT + GZIP),
        response(json.dumps({"error": {"code": [], "message": 7}}).encode(), "503 X", more=WAIT),
        response(b"[" * 100_000, "503 X", more=WAIT),
    ],
    ids=["whole", "gzip", "chunks", "length", "charset", "size", "code", "depth"],
)
async def test_an_error_is_its_status_whatever_is_wrong_with_the_rest(answer, caplog):
    with pytest.raises(ProviderError) as caught:
        await asked(answer)
    assert (caught.value.code, caught.value.transient, caught.value.retry_after) == ("http_503", True, 3)
    assert "not foreseen" not in caplog.text
