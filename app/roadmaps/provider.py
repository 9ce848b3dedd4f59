"""The content provider: one call, one checked answer, or one error that says whether asking again makes sense.

The SDK's own retries are off, because the database counts the calls. The SDK's time-out is for each read, so we limit the whole call. We
also parse the answer ourselves (app.roadmaps.completion). Only the content role imports this module, because the SDK costs half a second
and 45 MB.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

import httpx2
import openai
from anyio import EndOfStream
from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from openai.types.chat import ChatCompletionMessageParam

from app.core.settings import Settings
from app.core.spans import Attribute, Side, span
from app.core.trace_context import current
from app.roadmaps import completion
from app.roadmaps.account import Notice, Refusal, refusal
from app.roadmaps.answer import Answer, Output, ProviderError
from app.roadmaps.body import bounded
from app.roadmaps.circuit import Circuit
from app.roadmaps.output_limit import OutputLimit
from app.roadmaps.prompts import Messages
from app.roadmaps.response_format import ResponseFormat, asked, told
from app.schemas.content import LONGEST_ANSWER, StructuredOutput

log = logging.getLogger(__name__)
CORRELATION_HEADER = "X-Client-Request-Id"
TRANSIENT_STATUS = {408, 409, 429}
SERVER_ERROR = 500
DOWN = {"timeout", "connection"}  # and every status from 500 on
MOST_OF_A_CHARACTER = 12  # bytes: JSON may write one as a pair of \uXXXX
ENVELOPE = 64 << 10  # bytes of a completion beside its answer
MOST_BYTES = LONGEST_ANSWER * MOST_OF_A_CHARACTER + ENVELOPE
# A gateway has stopped waiting, but the provider still writes and must be paid.
CUT_OFF_ON_THE_WAY = {408, 504, 524}
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


@dataclass(slots=True)
class _Way:
    """How far a call has come.

    Args:
        connected: whether there was a connection to send it over; true until a new connection is being made.
    """

    connected: bool = True


_WAY: ContextVar[_Way | None] = ContextVar("way", default=None)
_CONNECTING = re.compile(r"connection\.(connect_tcp|start_tls)\.(started|complete)")


async def _note(event: str, _info: Mapping[str, Any]) -> None:
    if (step := _CONNECTING.fullmatch(event)) and (way := _WAY.get()) is not None:
        way.connected = step[2] == "complete"


async def _followed(request: httpx2.Request) -> None:
    """A hook of the client for each request: it records whether the call left this machine, because only then it costs anything."""
    request.extensions = {**request.extensions, "trace": _note}


class Provider:
    """Chat completions with structured output. Belongs to one event loop; build it after the fork."""

    def __init__(self, settings: Settings) -> None:
        self._model = settings.openai_model
        self._limit = OutputLimit(settings.openai_model, settings.openai_max_output_tokens)
        self._timeout = settings.call_seconds
        self._longest_rest = settings.longest_rest_seconds
        self._circuit = Circuit(settings.openai_circuit_failures, settings.openai_circuit_seconds)
        self._notice = Notice()
        self._form = ResponseFormat(settings.openai_response_format)
        self._client = AsyncOpenAI(
            api_key=settings.openai_api_key.get_secret_value(),
            base_url=settings.openai_base_url,
            timeout=settings.call_seconds,
            max_retries=0,
            http_client=DefaultAsyncHttpxClient(event_hooks={"request": [_followed], "response": [bounded]}),
        )

    async def ready(self) -> None:
        """Return when the provider may be called: it is not known to be down, and has not asked us to wait."""
        await self._circuit.passage()

    async def ask(self, messages: Messages, output: type[Output], correlation: str) -> Answer[Output]:
        """Make one call.

        Args:
            messages: of the chat.
            output: whose schema the answer must fit.
            correlation: id that is sent along, so that both sides' records can be joined.

        Raises:
            ProviderError: there is no usable answer. No other exception is raised.
        """
        try:
            body = await self._traced(messages, output, correlation)
        except ProviderError as error:
            if error.code in DOWN or error.code.startswith("http_5"):
                self._circuit.failed()
            else:
                self._circuit.succeeded()
            if error.retry_after is not None:
                self._circuit.pause(error.retry_after)
            if error.refused is not None:
                self._notice.refused(error.refused)
            raise
        self._circuit.succeeded()
        self._notice.accepted()
        try:
            return completion.read(body, output)
        except ProviderError as error:
            error.unknown = not error.cost
            raise

    async def close(self) -> None:
        await self._client.close()

    async def _traced(self, messages: Messages, output: type[StructuredOutput], correlation: str) -> bytes:
        """Make the call in its own span, by the conventions for clients of generative models."""
        about: dict[str, Attribute] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": self._model,
            "server.address": self._client.base_url.host,
            "roadmap.correlation": correlation,
        }
        with span(f"chat {self._model}", Side.CLIENT, about) as made:
            try:
                return await self._guarded(messages, output, correlation)
            except ProviderError as error:
                made.error = error.code
                raise

    async def _guarded(self, messages: Messages, output: type[StructuredOutput], correlation: str) -> bytes:
        """The body of a 2xx; an unexpected error counts as an unreadable answer, and does not end the attempt."""
        try:
            return await self._complete(messages, output, correlation)
        except ProviderError:
            raise
        except Exception:
            log.exception("a call of the provider failed in a way that is not foreseen")
            raise _unread() from None

    async def _complete(self, messages: Messages, output: type[StructuredOutput], correlation: str) -> bytes:
        form, limit, way = self._form.form, self._limit.parameter, _Way()
        on_the_way = _WAY.set(way)
        call = self._client.chat.completions.with_streaming_response.create(
            model=self._model,
            messages=cast("list[ChatCompletionMessageParam]", told(form, output, messages)),
            response_format=asked(form, output),
            extra_headers={
                CORRELATION_HEADER: correlation,
                **(trace.headers() if (trace := current()) else {}),
            },
            extra_body=limit,
        )
        try:
            async with asyncio.timeout(self._timeout), call as response:
                body = bytearray()
                async for part in response.iter_bytes():
                    body += part
                    if len(body) > MOST_BYTES:
                        raise _unread()
                return bytes(body)
        except (openai.APITimeoutError, httpx2.TimeoutException, TimeoutError):
            words = "The provider did not answer in time."
            raise ProviderError("timeout", words, transient=True, unknown=way.connected) from None
        except (httpx2.DecodingError, openai.APIResponseValidationError):
            raise _unread() from None
        except (openai.APIConnectionError, httpx2.RequestError, EndOfStream, OSError):
            words = "The connection to the provider broke."
            raise ProviderError("connection", words, transient=True, unknown=way.connected) from None
        except openai.APIStatusError as error:
            refused = _refused(error, self._longest_rest)
            # It is asked again like after any failure, because the database counts the calls.
            refused.transient |= self._form.refused(form, error.status_code, error.body)
            refused.transient |= self._limit.refused(limit, error.status_code, error.body)
            raise refused from None
        finally:
            _WAY.reset(on_the_way)


def _refused(error: openai.APIStatusError, longest_rest: float) -> ProviderError:
    status, headers = error.status_code, error.response.headers
    wait = _retry_after(headers)
    told = headers.get("x-should-retry", "").lower()
    transient = status in TRANSIENT_STATUS or status >= SERVER_ERROR
    if told in {"true", "false"}:
        transient = told == "true"
    refused = refusal(status, error.code, error.type)
    if refused is Refusal.QUOTA or (wait is not None and wait > longest_rest):
        transient = False  # waiting does not help
    return ProviderError(
        f"http_{status}",
        f"The provider answered {status}.",
        transient=transient,
        retry_after=wait if transient else None,
        refused=refused,
        unknown=status in CUT_OFF_ON_THE_WAY,
    )


def _unread() -> ProviderError:
    error = completion.malformed()
    error.unknown = True
    return error


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that the provider asks us to wait, from milliseconds, seconds or a date, in the SDK's order; None if it does not ask."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        written = headers.get(name, "").strip()
        if _NUMBER.fullmatch(written):  # float() would also accept nan, inf and 1_0
            return float(written) * unit or None
    try:
        until = parsedate_to_datetime(headers.get("retry-after", "")).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None  # a text that the date parser refuses is no date
    seconds = (until - datetime.now(UTC)).total_seconds()
    return seconds if seconds > 0 else None
