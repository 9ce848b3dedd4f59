"""Reading a request for a chat completion as strictly as the provider does."""

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec

from harness.providers.correlation import Correlation
from harness.providers.errors import RefusedError
from harness.providers.openai.response_format import NAME, read_format
from harness.providers.openai.script import Asked

BYTES_A_TOKEN = 4
LONGEST_KEPT = 32 << 10  # bytes of a body whose meaning is kept
LONGEST_KEY = (
    100  # characters of a question that stand for themselves in the ledger; of a longer one, its digest
)
RETRY_HEADER = b"x-stainless-retry-count"

Penalty = Annotated[float, msgspec.Meta(ge=-2, le=2)] | None
Count = Annotated[int, msgspec.Meta(ge=0)] | None


class StreamOptions(msgspec.Struct, forbid_unknown_fields=True):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class Message(msgspec.Struct):
    """One of the chat; what else it has is the client's business."""

    role: Literal["developer", "system", "user", "assistant", "tool", "function"]
    content: str | list[Any] | None = None

    @property
    def text(self) -> str:
        """Its words, where it has parts of several kinds."""
        if isinstance(self.content, str):
            return self.content
        parts = [part for part in self.content or [] if isinstance(part, dict)]
        return "".join(str(part.get("text", "")) for part in parts)


class ChatRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body, in the types of the provider's reference; what only has to be there is Any."""

    model: str
    messages: list[Message]
    audio: dict[str, Any] | None = None
    frequency_penalty: Penalty = None
    function_call: str | dict[str, Any] | None = None
    functions: list[dict[str, Any]] | None = None
    logit_bias: dict[str, float] | None = None
    logprobs: bool | None = None
    max_completion_tokens: Count = None
    max_tokens: Count = None
    metadata: dict[str, str] | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    moderation: dict[str, Any] | None = None
    n: Annotated[int, msgspec.Meta(ge=1, le=128)] | None = None
    parallel_tool_calls: bool | None = None
    prediction: dict[str, Any] | None = None
    presence_penalty: Penalty = None
    prompt_cache_key: str | None = None
    prompt_cache_options: dict[str, Any] | None = None
    prompt_cache_retention: str | None = None
    reasoning_effort: str | None = None
    response_format: msgspec.Raw = msgspec.Raw(b"null")  # the same again and again, so it is looked at once
    safety_identifier: str | None = None
    seed: int | None = None
    service_tier: str | None = None
    stop: str | list[str] | None = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    tool_choice: str | dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    top_logprobs: Annotated[int, msgspec.Meta(ge=0, le=20)] | None = None
    top_p: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    user: str | None = None
    verbosity: str | None = None
    web_search_options: dict[str, Any] | None = None


_decoder = msgspec.json.Decoder(ChatRequest)


class Request:
    """One request, checked. What hangs on the body alone is found out once, for clients repeat themselves.

    Args:
        body: JSON.
        headers: of HTTP, names in lower case.
        correlation: reads whom it is for.

    Raises:
        RefusedError: as the provider would find it.
    """

    __slots__ = ("asked", "body")

    def __init__(self, body: bytes, headers: Mapping[bytes, bytes], correlation: Correlation) -> None:
        self.body = (_read if len(body) <= LONGEST_KEPT else Body)(body, correlation)
        self.asked = _asked(headers, self.body, correlation)


class Body:
    """What a request says.

    Args:
        raw: JSON.
        correlation: knows where it names what it is about.

    Raises:
        RefusedError: as the provider would find it.
    """

    __slots__ = (
        "chat",
        "concept",
        "format",
        "key",
        "message",
        "most_tokens",
        "prompt_tokens",
        "streams",
        "usage_wanted",
        "written",
    )

    def __init__(self, raw: bytes, correlation: Correlation) -> None:
        try:
            self.chat = chat = _decoder.decode(raw)
        except msgspec.ValidationError as error:
            raise _wrong_type(str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise RefusedError("We could not parse the JSON body of your request.") from None
        if not chat.model:
            raise RefusedError("You must provide a 'model' parameter.", "model")
        if not chat.messages:
            said = "Invalid 'messages': an empty array, one message at least is expected."
            raise RefusedError(said, "messages", "empty_array")
        self.message = chat.messages[-1].text
        self.concept = correlation.named(self.message)
        self.format = read_format(bytes(chat.response_format))
        if self.format.needs_the_word and not any("json" in m.text.lower() for m in chat.messages):
            raise RefusedError("'messages' must contain the word 'json' for a json_object.", "messages")
        if chat.tools:
            _check_tools(chat.tools)
        self.streams = bool(chat.stream)
        self.written: dict[tuple[int, int], Any] = {}  # answers to it, by whoever has written them
        self.usage_wanted = bool(chat.stream_options and chat.stream_options.include_usage)
        self.most_tokens = chat.max_completion_tokens or chat.max_tokens or 0  # of the answer; 0 for no limit
        self.prompt_tokens = -(-len(raw) // BYTES_A_TOKEN)
        key = f"{self.format.name}/{self.message}"
        if len(key) > LONGEST_KEY:
            key = hashlib.blake2b(key.encode(errors="replace"), digest_size=12).hexdigest()
        self.key = key


_read = lru_cache(maxsize=1024)(Body)


def asked_of(headers: Mapping[bytes, bytes], correlation: Correlation, path: str, method: str) -> Asked:
    """What a call asked for whose body says nothing."""
    said = {"method": method, "path": path, "key": path, "attempt": _retries(headers) + 1}
    return Asked(**{**said, **correlation.read(headers)})


def _asked(headers: Mapping[bytes, bytes], body: Body, correlation: Correlation) -> Asked:
    said = {
        "schema": body.format.name,
        "model": body.chat.model,
        "message": body.message,
        "key": body.key,
        "attempt": _retries(headers) + 1,
    }
    return Asked(**{**said, **correlation.read(headers, body.concept)})


def _retries(headers: Mapping[bytes, bytes]) -> int:
    count = headers.get(RETRY_HEADER)
    return int(count) if count is not None and count.isdigit() else 0


def _wrong_type(problem: str) -> RefusedError:
    """What msgspec found, in the provider's form: message, parameter, code."""
    what, _, where = problem.partition(" - at `$")
    parameter = where.rstrip("`").lstrip(".") or None
    named = re.search(r"field `(\w+)`", what)
    if what.startswith("Object missing") and named:
        name = f"{parameter}.{named[1]}" if parameter else named[1]
        return RefusedError(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
    if named:
        name = f"{parameter}.{named[1]}" if parameter else named[1]
        return RefusedError(f"Unrecognized request argument supplied: {name}", name, "unknown_parameter")
    if parameter is None:
        return RefusedError("The body must be a JSON object.", None, "invalid_type")
    code = "invalid_type" if ", got " in what else "invalid_value"
    kind = "type" if code == "invalid_type" else "value"
    return RefusedError(f"Invalid {kind} for '{parameter}': {what[0].lower()}{what[1:]}.", parameter, code)


def _check_tools(tools: list[dict[str, Any]]) -> None:
    for number, tool in enumerate(tools):
        if tool.get("type") not in {"function", "custom"}:
            parameter = f"tools[{number}].type"
            raise RefusedError(f"Invalid value for '{parameter}'.", parameter, "invalid_value")
        function = tool.get(tool["type"])
        if not isinstance(function, dict) or not NAME.fullmatch(str(function.get("name", ""))):
            parameter = f"tools[{number}].{tool['type']}.name"
            raise RefusedError(f"Invalid value for '{parameter}'.", parameter, "invalid_value")
