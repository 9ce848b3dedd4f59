"""The content provider: one call, one checked answer, or one error that says whether asking again makes sense.

The SDK's own retries are off: the database counts the calls. Only the content role imports this module, for the SDK costs
half a second and 45 MB.
"""

import json
from typing import cast

import openai
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from pydantic import ValidationError

from app.core.settings import Settings
from app.roadmaps.answer import Answer, Output, ProviderError
from app.roadmaps.prompts import Messages

CORRELATION_HEADER = "X-Client-Request-Id"
TRANSIENT_STATUS = {408, 409, 429}
SERVER_ERROR = 500
MAX_RETRY_AFTER_SECONDS = 120


class Provider:
    """Chat completions with structured output. Belongs to one event loop; build it after the fork."""

    def __init__(self, settings: Settings) -> None:
        self._model = settings.openai_model
        self._client = AsyncOpenAI(
            api_key=settings.openai_api_key.get_secret_value(),
            base_url=settings.openai_base_url,
            timeout=settings.openai_timeout_seconds,
            max_retries=0,
        )

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
            completion = await self._client.chat.completions.create(
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
        except openai.APITimeoutError:
            raise ProviderError("timeout", "The provider did not answer in time.", transient=True) from None
        except openai.APIConnectionError:
            raise ProviderError(
                "connection", "The connection to the provider broke.", transient=True
            ) from None
        except openai.APIStatusError as error:
            raise _refused(error) from None
        except (openai.APIResponseValidationError, json.JSONDecodeError):
            raise _malformed() from None
        value = _checked(completion, output)
        usage = completion.usage
        return Answer(value, usage.prompt_tokens if usage else 0, usage.completion_tokens if usage else 0)

    async def close(self) -> None:
        await self._client.close()


def _refused(error: openai.APIStatusError) -> ProviderError:
    status = error.status_code
    transient = status in TRANSIENT_STATUS or status >= SERVER_ERROR
    if error.code == "insufficient_quota":
        transient = False  # a 429 that no waiting mends
    return ProviderError(
        f"http_{status}",
        f"The provider answered {status}.",
        transient=transient,
        retry_after=_retry_after(error),
    )


def _retry_after(error: openai.APIStatusError) -> float | None:
    headers = error.response.headers
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if 0 < seconds <= MAX_RETRY_AFTER_SECONDS:
            return seconds
    return None


def _malformed() -> ProviderError:
    return ProviderError("malformed", "The provider's answer could not be read.", transient=True)


def _checked(completion: ChatCompletion, output: type[Output]) -> Output:
    # An answer that is not declared as JSON comes back as a plain string, {} as a completion full of None.
    if not isinstance(completion, ChatCompletion) or not completion.choices:
        raise _malformed()
    choice = completion.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ProviderError("refused", "The provider declined to write this.", transient=False)
    if choice.finish_reason == "length":
        raise ProviderError("truncated", "The provider's answer was cut at its length limit.", transient=True)
    try:
        return output.model_validate_json(choice.message.content or "")
    except ValidationError:
        raise ProviderError(
            "wrong_schema", "The provider's answer has another form than asked.", transient=True
        ) from None
