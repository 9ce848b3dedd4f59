"""The content provider: one call, one checked answer, or one error that says whether asking again makes sense.

The SDK's own retries are off: the database counts the calls. Its timeout is for each read, so a whole call has one of ours. Its
reading of an answer is ours too: see app.roadmaps.completion. Only the content role imports this module, for the SDK costs half
a second and 45 MB.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import cast

import httpx2
import openai
from anyio import EndOfStream
from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from openai.types.chat import ChatCompletionMessageParam

from app.core.settings import Settings
from app.roadmaps import completion
from app.roadmaps.account import Notice, Refusal, refusal
from app.roadmaps.answer import Answer, Output, ProviderError
from app.roadmaps.body import bounded
from app.roadmaps.circuit import Circuit
from app.roadmaps.prompts import Messages
from app.schemas.content import LONGEST_ANSWER, StructuredOutput

log = logging.getLogger(__name__)
CORRELATION_HEADER = "X-Client-Request-Id"
TRANSIENT_STATUS = {408, 409, 429}
SERVER_ERROR = 500
DOWN = {"timeout", "connection"}  # and whatever is 500 or more
MOST_OF_A_CHARACTER = 12  # bytes: JSON may write one as a pair of \uXXXX
ENVELOPE = 64 << 10  # bytes of a completion around its answer
MOST_BYTES = LONGEST_ANSWER * MOST_OF_A_CHARACTER + ENVELOPE
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


class Provider:
    """Chat completions with structured output. Belongs to one event loop; build it after the fork."""

    def __init__(self, settings: Settings) -> None:
        self._model = settings.openai_model
        self._timeout = settings.call_seconds
        self._longest_rest = settings.longest_rest_seconds
        self._circuit = Circuit(settings.openai_circuit_failures, settings.openai_circuit_seconds)
        self._notice = Notice()
        self._client = AsyncOpenAI(
            api_key=settings.openai_api_key.get_secret_value(),
            base_url=settings.openai_base_url,
            timeout=settings.call_seconds,
            max_retries=0,
            http_client=DefaultAsyncHttpxClient(event_hooks={"response": [bounded]}),
        )

    async def ready(self) -> None:
        """Return when the provider may be asked: it is not down, as far as we know, and has not asked for rest."""
        await self._circuit.passage()

    async def ask(self, messages: Messages, output: type[Output], correlation: str) -> Answer[Output]:
        """Make one call.

        Args:
            messages: of the chat.
            output: whose schema the answer must fit.
            correlation: sent along, so that both sides' records can be joined.

        Raises:
            ProviderError: there is no usable answer. Nothing else is raised, whatever has come.
        """
        try:
            body = await self._guarded(messages, output, correlation)
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
        return completion.read(body, output)

    async def close(self) -> None:
        await self._client.close()

    async def _guarded(self, messages: Messages, output: type[StructuredOutput], correlation: str) -> bytes:
        """The body of a 2xx; what nobody has thought of is an answer that cannot be read, and not the end of an attempt."""
        try:
            return await self._complete(messages, output, correlation)
        except ProviderError:
            raise
        except Exception:
            log.exception("a call of the provider failed in a way that is not foreseen")
            raise completion.malformed() from None

    async def _complete(self, messages: Messages, output: type[StructuredOutput], correlation: str) -> bytes:
        call = self._client.chat.completions.with_streaming_response.create(
            model=self._model,
            messages=cast("list[ChatCompletionMessageParam]", messages),
            response_format={
                "type": "json_schema",
                "json_schema": {
                    "name": output.schema_name,
                    "strict": True,
                    "schema": output.model_json_schema(),
                },
            },
            extra_headers={CORRELATION_HEADER: correlation},
        )
        try:
            async with asyncio.timeout(self._timeout), call as response:
                body = bytearray()
                async for part in response.iter_bytes():
                    body += part
                    if len(body) > MOST_BYTES:
                        raise completion.malformed()
                return bytes(body)
        except (openai.APITimeoutError, httpx2.TimeoutException, TimeoutError):
            raise ProviderError("timeout", "The provider did not answer in time.", transient=True) from None
        except (httpx2.DecodingError, openai.APIResponseValidationError):
            raise completion.malformed() from None
        except (openai.APIConnectionError, httpx2.RequestError, EndOfStream, OSError):
            raise ProviderError(
                "connection", "The connection to the provider broke.", transient=True
            ) from None
        except openai.APIStatusError as error:
            raise _refused(error, self._longest_rest) from None


def _refused(error: openai.APIStatusError, longest_rest: float) -> ProviderError:
    status, headers = error.status_code, error.response.headers
    wait = _retry_after(headers)
    told = headers.get("x-should-retry", "").lower()
    transient = status in TRANSIENT_STATUS or status >= SERVER_ERROR
    if told in {"true", "false"}:
        transient = told == "true"
    refused = refusal(status, error.code, error.type)
    if refused is Refusal.QUOTA or (wait is not None and wait > longest_rest):
        transient = False  # no waiting of ours mends it
    return ProviderError(
        f"http_{status}",
        f"The provider answered {status}.",
        transient=transient,
        retry_after=wait if transient else None,
        refused=refused,
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the provider asks us to wait: milliseconds, seconds or a date, in the SDK's order; None for none."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        written = headers.get(name, "").strip()
        if _NUMBER.fullmatch(written):  # float() takes nan, inf and 1_0 too
            return float(written) * unit or None
    try:
        until = parsedate_to_datetime(headers.get("retry-after", "")).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None  # whatever the parser of dates stumbles over is none
    seconds = (until - datetime.now(UTC)).total_seconds()
    return seconds if seconds > 0 else None
