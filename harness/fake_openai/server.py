"""The provider as one ASGI application: its API below /v1, and ours, by which scenarios script it, below /__fake."""

import asyncio
import contextlib
import hmac
import math
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from harness.fake_openai.completions import CORRELATION_HEADER, BadRequestError, Request, WrongReplyError
from harness.fake_openai.recorder import Call, Recorder
from harness.fake_openai.script import Asked, Cut, Fault, Hang, Malformed, Reply, Rule, Script, Synthesise

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
MAX_BODY_BYTES = 8 << 20
ERROR_TYPES = {400: "invalid_request_error", 401: "invalid_request_error", 404: "invalid_request_error"}
ERROR_TYPES |= {429: "rate_limit_error", 501: "harness_error"}


class Exchange:
    """One request and the ways to answer it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self._receive = receive
        self._send = send
        self._began = time.perf_counter()

    async def body(self) -> bytes:
        """The whole of it.

        Raises:
            BadRequestError: it is larger than the provider takes.
        """
        received = bytearray()
        more = True
        while more:
            message = await self._receive()
            received += message.get("body", b"")
            more = message.get("more_body", False)
            if len(received) > MAX_BODY_BYTES:
                raise BadRequestError("The request body is too large.")
        return bytes(received)

    async def answer(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        """JSON, or bytes as they are."""
        body = content if isinstance(content, bytes) else msgspec.json.encode(content)
        await self._start(status, len(body), headers or {})
        await self._send({"type": "http.response.body", "body": body})

    async def answer_cut(self, content: Any) -> None:
        """Announce the whole body and send half; uvicorn closes the connection for it."""
        body = msgspec.json.encode(content)
        await self._start(200, len(body), {})
        await self._send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})

    async def error(
        self, status: int, message: str, code: str | None = None, parameter: str | None = None, **headers: str
    ) -> None:
        """The provider's error body."""
        kind = ERROR_TYPES.get(status, "server_error")
        document = {"message": message, "type": kind, "param": parameter, "code": code}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await self.answer(status, {"error": document}, named)

    async def gone(self) -> None:
        """Return when the client has closed the connection."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _start(self, status: int, length: int, headers: dict[str, str]) -> None:
        milliseconds = round((time.perf_counter() - self._began) * 1000)
        every = {"content-type": "application/json", "content-length": str(length)}
        every |= {"openai-processing-ms": str(milliseconds), **headers}
        raw = [(name.lower().encode(), value.encode()) for name, value in every.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": raw})


class FakeOpenAIServer:
    """The application.

    Args:
        api_key: the only one that is accepted; any, where it is empty.
        seed: of everything that is made up.
    """

    def __init__(self, api_key: str = "", seed: int = 0) -> None:
        self._api_key = api_key.encode()
        self._seed = seed
        self._latency = 0.0
        self._script = Script()
        self._recorder = Recorder()
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        exchange = Exchange(scope, receive, send)
        if exchange.path.startswith("/__fake/"):
            await self._control(exchange)
        elif not self._authorised(exchange):
            await exchange.error(401, "Incorrect API key provided.", "invalid_api_key")
        elif (exchange.method, exchange.path) == ("GET", "/v1/models"):
            model = {"id": "gpt-4o-mini", "object": "model", "created": 0, "owned_by": "harness"}
            await exchange.answer(200, {"object": "list", "data": [model]})
        elif (exchange.method, exchange.path) == ("POST", "/v1/chat/completions"):
            await self._complete(exchange)
        else:
            await exchange.error(404, f"Invalid URL ({exchange.method} {exchange.path})")

    def _authorised(self, exchange: Exchange) -> bool:
        given = exchange.headers.get(b"authorization", b"")
        return not self._api_key or hmac.compare_digest(given, b"Bearer " + self._api_key)

    async def _complete(self, exchange: Exchange) -> None:
        body = b""
        try:
            body = await exchange.body()
            request = Request(body, exchange.headers.get(CORRELATION_HEADER, b"").decode("latin-1"))
        except BadRequestError as error:
            self._recorder.end(self._recorder.begin(Asked(), body), "rejected", 400)
            await exchange.error(400, str(error), None, error.parameter)
            return
        call = self._recorder.begin(request.asked, body)
        self._running += 1
        try:
            await self._play(exchange, request, call)
        finally:
            self._running -= 1
            self._recorder.end(call, "abandoned")

    async def _play(self, exchange: Exchange, request: Request, call: Call) -> None:
        call.rule, step = self._script.next_step(request.asked)
        waiting = self._latency + step.latency
        hangs = isinstance(step, Hang)
        if (hangs or waiting) and await self._leaves(
            exchange, step.seconds if isinstance(step, Hang) else waiting
        ):
            return
        match step:
            case Fault():
                self._recorder.end(call, "fault", step.status)
                headers = {"x-should-retry": "false"} if step.code == "insufficient_quota" else {}
                document = {"message": "Scripted fault.", "code": step.code, "param": None}
                document["type"] = ERROR_TYPES.get(step.status, "server_error")
                await exchange.answer(step.status, {"error": document}, headers | step.headers)
            case Malformed():
                self._recorder.end(call, "malformed", 200)
                await exchange.answer(200, b'{"id": "chatcmpl-1", "choices": [{"index"')
            case _:
                await self._reply(exchange, request, call, step)

    async def _reply(
        self, exchange: Exchange, request: Request, call: Call, step: Reply | Synthesise | Hang | Cut
    ) -> None:
        try:
            reply = step if isinstance(step, Reply) else request.synthesised(self._seed)
            request.check(reply)
        except WrongReplyError as error:
            self._recorder.end(call, "rejected", 501)
            message = f"The scripted reply of rule {call.rule} does not fit {request.schema_name}: {error}"
            await exchange.error(501, message, "wrong_script", x_should_retry="false")
            return
        except BadRequestError as error:
            self._recorder.end(call, "rejected", 400)
            await exchange.error(400, str(error), None, error.parameter)
            return
        completion = request.completion(reply, self._seed, call.attempt)
        call.prompt_tokens = completion["usage"]["prompt_tokens"]
        call.completion_tokens = completion["usage"]["completion_tokens"]
        if isinstance(step, Cut):
            self._recorder.end(call, "cut", 200)
            await exchange.answer_cut(completion)
        else:
            self._recorder.end(call, "hung" if isinstance(step, Hang) else "replied", 200)
            await exchange.answer(200, completion, {"x-request-id": f"req_{call.index:08d}"})

    async def _leaves(self, exchange: Exchange, seconds: float | None) -> bool:
        """Wait for this long, or for ever; whether the client went away meanwhile."""
        until = time.monotonic() + (math.inf if seconds is None else seconds)
        # Again and again, because uvloop counts whole milliseconds and may wake us early.
        while (left := until - time.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if seconds is None else left):
                    await exchange.gone()
                    return True
        return False

    async def _control(self, exchange: Exchange) -> None:
        verb = (exchange.method, exchange.path.removeprefix("/__fake/"))
        try:
            match verb:
                case ("PUT", "rule"):
                    self._script.put(msgspec.json.decode(await exchange.body(), type=Rule))
                    await exchange.answer(200, {})
                case ("PUT", "latency"):
                    self._latency = msgspec.json.decode(await exchange.body(), type=float)
                    await exchange.answer(200, {})
                case ("POST", "reset"):
                    self._script.clear()
                    self._recorder.clear()
                    self._latency = 0.0
                    await exchange.answer(200, {})
                case ("GET", "calls"):
                    await exchange.answer(200, self._recorder.calls())
                case ("GET", "stats"):
                    calls = len(self._recorder.calls())
                    stats = {"calls": calls, "running": self._running, "cpu_seconds": time.process_time()}
                    await exchange.answer(200, stats)
                case _ if verb[0] == "GET" and verb[1].startswith("bodies/"):
                    await exchange.answer(200, self._recorder.body(int(verb[1].rpartition("/")[2])))
                case _:
                    await exchange.error(404, f"There is no {exchange.method} {exchange.path}.")
        except (msgspec.DecodeError, msgspec.ValidationError, ValueError, KeyError) as error:
            await exchange.error(400, f"{type(error).__name__}: {error}")
