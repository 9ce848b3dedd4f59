import json
from collections.abc import AsyncIterator

import pytest

from app.api.body_limit import BodyLimit
from app.api.problems import Kind
from app.tests.test_api import assert_problem

URL = "/api/v1/auth/login"
JSON = {"Content-Type": "application/json"}


async def chunks(count: int, size: int = 1024) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


async def test_a_body_that_is_too_large_is_413_by_its_length(api):
    assert_problem(await api.post(URL, content=b"x" * 65_537), Kind.TOO_LARGE)


async def test_a_chunked_body_is_413_as_soon_as_it_is_too_large(api):
    assert_problem(await api.post(URL, content=chunks(65)), Kind.TOO_LARGE)


async def test_a_length_that_is_none_is_413(api):
    assert_problem(await api.post(URL, content=b"{}", headers={"Content-Length": "many"}), Kind.TOO_LARGE)


async def test_a_chunked_body_within_the_limit_is_read_whole(api):
    async def halves() -> AsyncIterator[bytes]:
        yield b'{"email": "nobody", '
        yield b'"password": "x"}'

    document = assert_problem(await api.post(URL, content=halves(), headers=JSON), Kind.INVALID_REQUEST)
    assert [e["pointer"] for e in document["errors"]] == ["/body/email"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"[" * 60_000, "/body"),
        (b'{"a":' * 12_000, "/body"),
        (b"{", "/body/1"),
        (b"", "/body"),
        (b"null", "/body"),
        (b"[]", "/body"),
        (b'"text"', "/body"),
        (b"\xff\xfe", "/body/0"),
    ],
)
async def test_json_that_is_none_or_too_deep_points_at_the_body(api, body, pointer):
    response = await api.post(URL, content=body, headers=JSON)
    assert response.status_code in {400, 422}
    document = response.json()
    assert document["type"] == Kind.INVALID_REQUEST.uri
    assert pointer in [e["pointer"] for e in document["errors"]]


@pytest.mark.parametrize("text", ["\x00", "\ud800", "a\x00b"])
async def test_text_that_the_database_cannot_store_is_refused(api, signed_in, text):
    body = json.dumps({"topic": text})
    response = await api.post("/api/v1/roadmaps", content=body, headers=signed_in | JSON)
    document = assert_problem(response, Kind.INVALID_REQUEST)
    assert [e["pointer"] for e in document["errors"]] == ["/body/topic"]


async def test_a_body_that_does_not_come_is_408():
    async def never() -> dict:
        import asyncio

        return await asyncio.Event().wait()

    sent = []

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "state": {"request_id": "r"}}
    scope |= {"query_string": b"", "server": ("api", 80), "scheme": "http", "root_path": ""}
    await BodyLimit(None, most=10, seconds=0.01)(scope, never, send)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
