"""Reads an answer of the provider from its bytes: the result is a checked output or an error, whatever the bytes are.

The SDK's objects are lenient: they accept a `message` of null, `choices` of strings and a text for the tokens, which fail later. Here
the type of each value is checked before use, and a value of a wrong type counts as missing.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from app.roadmaps.answer import Answer, Cost, Output, ProviderError
from app.schemas.content import LONGEST_ANSWER

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
FENCE = "```"  # of Markdown
MOST_TOKENS = 10_000_000  # of one call; no model reads or writes as many


def read(body: bytes, output: type[Output]) -> Answer[Output]:
    """The answer in the body of a 200.

    Args:
        body: any bytes.
        output: whose schema the answer must fit.

    Raises:
        ProviderError: there is no usable answer; the error has the cost, if the answer names it.
    """
    try:
        said = from_json(body.removeprefix(BYTE_ORDER_MARK), allow_inf_nan=False)
    except ValueError:
        raise malformed(_cost(_roughly(body))) from None
    cost = _cost(said)
    choice = _at(said, "choices", 0)
    message, reason = _at(choice, "message"), _at(choice, "finish_reason")
    content, refusal = _at(message, "content"), _at(message, "refusal")
    if not isinstance(message, Mapping) or not isinstance(refusal, str | None):
        raise malformed(cost)
    if refusal or reason == "content_filter":
        raise ProviderError("refused", "The provider declined to write this.", transient=False, cost=cost)
    if not isinstance(content, str | None) or "content" not in message:
        raise malformed(cost)
    if reason == "length":
        told = "The provider's answer was cut at its length limit."
        raise ProviderError("truncated", told, transient=True, cost=cost)
    if reason != "stop":
        raise malformed(cost)
    return Answer(_output(content or "", output, cost), cost)


def malformed(cost: Cost | None = None) -> ProviderError:
    """The error of an answer that cannot be read."""
    return ProviderError("malformed", "The provider's answer could not be read.", transient=True, cost=cost)


def _output(content: str, output: type[Output], cost: Cost) -> Output:
    try:
        # Each field may be within its limit, but all of them together may still be too long.
        if len(content) <= LONGEST_ANSWER:
            return output.model_validate_json(_bare(content))
    except ValidationError:
        pass
    told = "The provider's answer has another form than asked."
    raise ProviderError("wrong_schema", told, transient=True, cost=cost)


def _bare(content: str) -> str:
    """The content without the Markdown that some models put around JSON."""
    text = content.strip()
    if not (text.startswith(FENCE) and text.endswith(FENCE)):
        return content
    return text.removesuffix(FENCE).partition("\n")[2]


def _cost(said: Any) -> Cost:
    return Cost(*(_tokens(_at(said, "usage", name)) for name in ("prompt_tokens", "completion_tokens")))


def _tokens(told: Any) -> int:
    """A plausible count of tokens; 0 for any other value. 7.0 counts as an integer, as in JSON Schema, so that its cost is not lost."""
    believed = isinstance(told, int | float) and not isinstance(told, bool) and 0 <= told <= MOST_TOKENS
    return int(told) if believed and told == int(told) else 0


def _at(value: Any, *path: str | int) -> Any:
    """The value at a path in nested objects and arrays; None if there is none."""
    for step in path:
        if isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, Sequence) and not isinstance(value, str):
            value = value[step] if step < len(value) else None
        else:
            return None
    return value


def _roughly(body: bytes) -> Any:
    """Parse invalid JSON leniently to find its cost: an answer with half a surrogate pair or a NaN must be paid too."""
    try:
        return json.loads(body.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
