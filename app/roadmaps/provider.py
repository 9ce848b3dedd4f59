"""The content provider: one call, one checked answer, or one error that says whether asking again makes sense.

The SDK's own retries are off: the database counts the calls. Its timeout is for each read, so a whole call has one of ours. Only the content role imports this module, for the SDK costs
half a second and 45 MB.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import cast

import openai
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from pydantic import ValidationError

from app.core.settings import Settings
from app.roadmaps.account import Notice, Refusal, refusal
from app.roadmaps.answer import Answer, Cost, Output, ProviderError
from app.roadmaps.circuit import Circuit
from app.roadmaps.prompts import Messages
from app.schemas.content import StructuredOutput

CORRELATION_HEADER = "X-Client-Request-Id"
TRANSIENT_STATUS = {408, 409, 429}
SERVER_ERROR = 500
DOWN = {"timeout", "connection"}  # and whatever is 500 or more
MAX_RETRY_AFTER_SECONDS = 120  # as in the SDK: whoever is asked to wait longer gives up


class Provider:
    """Chat completions with structured output. Belongs to one event loop; build it after the fork."""

    def __init__(self, settings: Settings) -> None:
        self._model = settings.openai_model
        self._timeout = settings.openai_timeout_seconds
        self._circuit = Circuit(settings.openai_circuit_failures, settings.openai_circuit_seconds)
        self._notice = Notice()
        self._client = AsyncOpenAI(
            api_key=settings.openai_api_key.get_secret_value(),
            base_url=settings.openai_base_url,
            timeout=settings.openai_timeout_seconds,
            max_retries=0,
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
            ProviderError: there is no usable answer.
        """
        try:
            completion = await self._complete(messages, output, correlation)
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
        return _checked(completion, output)

    async def close(self) -> None:
        await self._client.close()

    async def _complete(
        self, messages: Messages, output: type[StructuredOutput], correlation: str
    ) -> ChatCompletion:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._client.chat.completions.create(
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
        except (openai.APITimeoutError, TimeoutError):
            raise ProviderError("timeout", "The provider did not answer in time.", transient=True) from None
        except openai.APIConnectionError:
            raise ProviderError(
                "connection", "The connection to the provider broke.", transient=True
            ) from None
        except openai.APIStatusError as error:
            raise _refused(error) from None
        except (openai.APIResponseValidationError, json.JSONDecodeError):
            raise _malformed() from None


def _refused(error: openai.APIStatusError) -> ProviderError:
    status, headers = error.status_code, error.response.headers
    wait = _retry_after(headers)
    told = headers.get("x-should-retry", "").lower()
    transient = status in TRANSIENT_STATUS or status >= SERVER_ERROR
    if told in {"true", "false"}:
        transient = told == "true"
    refused = refusal(status, error.code, error.type)
    if refused is Refusal.QUOTA or (wait is not None and wait > MAX_RETRY_AFTER_SECONDS):
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
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        return seconds if seconds > 0 else None
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    seconds = (until.astimezone(UTC) - datetime.now(UTC)).total_seconds()
    return seconds if seconds > 0 else None


def _malformed(cost: Cost | None = None) -> ProviderError:
    message = "The provider's answer could not be read."
    return ProviderError("malformed", message, transient=True, cost=cost)


def _checked(completion: ChatCompletion, output: type[Output]) -> Answer[Output]:
    # An answer that is not declared as JSON comes back as a plain string, {} as a completion full of None.
    if not isinstance(completion, ChatCompletion) or not completion.choices:
        raise _malformed()
    usage = completion.usage
    cost = Cost(usage.prompt_tokens, usage.completion_tokens) if usage else Cost()
    choice = completion.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ProviderError("refused", "The provider declined to write this.", transient=False, cost=cost)
    if choice.finish_reason == "length":
        message = "The provider's answer was cut at its length limit."
        raise ProviderError("truncated", message, transient=True, cost=cost)
    if choice.finish_reason != "stop":
        raise _malformed(cost)
    try:
        return Answer(output.model_validate_json(choice.message.content or ""), cost)
    except ValidationError:
        message = "The provider's answer has another form than asked."
        raise ProviderError("wrong_schema", message, transient=True, cost=cost) from None
