"""A client with the current answer gets 304; streams, errors and other methods are not held back."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from app.api.versions import Versions, knows

BODY = {"status": "queued"}


async def read(request):
    return JSONResponse(BODY, headers={"RateLimit": '"reads";r=1'})


async def pieces(request):
    return StreamingResponse(iter([b"data: 1\n\n", b"data: 2\n\n"]), media_type="text/event-stream")


async def missing(request):
    return JSONResponse(BODY, status_code=404)


async def nothing(request):
    return Response(status_code=204)


@pytest.fixture
async def client():
    routes = [
        Route("/api/read", read, methods=["GET", "POST"]),
        Route("/api/pieces", pieces),
        Route("/api/missing", missing),
        Route("/api/nothing", nothing),
        Route("/health", read),
    ]
    app = Versions(Starlette(routes=routes), below="/api/")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as made:
        yield made


async def test_what_has_not_changed_is_not_sent_again(client):
    first = await client.get("/api/read")
    assert first.json() == BODY
    again = await client.get("/api/read", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["RateLimit"] == first.headers["RateLimit"]
    assert not {"content-length", "content-type"} & set(again.headers)


async def test_what_has_changed_is_sent_whole(client, monkeypatch):
    tag = (await client.get("/api/read")).headers["ETag"]
    monkeypatch.setitem(BODY, "status", "running")
    changed = await client.get("/api/read", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["status"]) == (200, "running")
    assert changed.headers["ETag"] != tag


@pytest.mark.parametrize("path", ["/api/pieces", "/api/missing", "/api/nothing", "/health"])
async def test_what_is_no_whole_answer_below_the_path_has_no_tag(client, path):
    answer = await client.get(path, headers={"If-None-Match": "*"})
    assert answer.status_code != 304
    assert "ETag" not in answer.headers
    assert answer.content == (await client.get(path)).content


async def test_a_stream_begins_before_its_first_piece():
    """A follower of an empty log gets the head at once: an EventSource counts as open with the head alone."""
    sent, happened = asyncio.Queue(), asyncio.Event()

    async def later():
        await happened.wait()
        yield b"data: 1\n\n"

    async def streams(scope, receive, send):
        await StreamingResponse(later(), media_type="text/event-stream")(scope, receive, send)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/pieces",
        "headers": [],
        "asgi": {"spec_version": "2.4"},
    }
    asked = asyncio.create_task(Versions(streams, below="/api/")(scope, asyncio.Event().wait, sent.put))
    async with asyncio.timeout(30):
        assert (await sent.get())["status"] == 200
        happened.set()
        assert (await sent.get())["body"] == b"data: 1\n\n"
        await asked


async def test_only_what_is_read_is_compared(client):
    tag = (await client.get("/api/read")).headers["ETag"]
    assert (await client.post("/api/read", headers={"If-None-Match": tag})).status_code == 200


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ([b'"a"'], True),
        ([b'W/"a"'], True),
        ([b'"b", W/"c,d" , "a"'], True),
        ([b'"b"', b'"a"'], True),
        ([b" * "], True),
        ([], False),
        ([b""], False),
        ([b"a"], False),
        ([b'"A"'], False),
        ([b'"b,a"'], False),
        ([b'"*"'], False),
        ([b'\xff"'], False),
    ],
)
def test_a_list_of_versions_is_read_as_http_has_it(said, known):
    assert knows([(b"if-none-match", value) for value in said], b'"a"') is known
