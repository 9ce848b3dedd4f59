"""Reads a request for a chat completion: as strictly as the provider does, or only the part that an answer needs."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar

import msgspec

from harness.providers.correlation import Correlation, number_in
from harness.providers.errors import RefusedError
from harness.providers.openai import script
from harness.providers.openai.body import Body
from harness.providers.openai.response_format import (
    ANY_OBJECT,
    NAME,
    TEXT,
    Format,
    read_format,
    told_format,
)
from harness.providers.openai.script import Asked
from harness.providers.openai.strict import checks
from harness.providers.openai.strict.overlay import CHAT

T = TypeVar("T")
LONGEST_KEPT = 32 << 10  # largest body, in bytes, whose parsed form is cached
INSTRUCTING = ("system", "developer")
TOLD = '{"name"'  # beginning of a line with the schema of the answer
RETRY_HEADER = b"x-stainless-retry-count"

Count = Annotated[int, msgspec.Meta(ge=0)] | None


class StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class Message(msgspec.Struct):
    """A message of the chat; its other fields are not checked here."""

    role: Literal["developer", "system", "user", "assistant", "tool", "function"]
    content: str | list[Any] | None = None

    @property
    def text(self) -> str:
        """Its text, if it has parts of several kinds."""
        if isinstance(self.content, str):
            return self.content
        parts = [part for part in self.content or [] if isinstance(part, dict)]
        return "".join(str(part.get("text", "")) for part in parts)


class ChatRequest(msgspec.Struct):
    """The part of the body that an answer depends on; `strict` checks the rest."""

    model: str
    messages: list[Message]
    logprobs: bool | None = None
    max_completion_tokens: Count = None
    max_tokens: Count = None
    n: Annotated[int, msgspec.Meta(ge=1, le=128)] | None = None
    response_format: msgspec.Raw = msgspec.Raw(b"null")  # often the same, so it is read only once
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tool_choice: str | dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None


_decoder = msgspec.json.Decoder(ChatRequest, strict=False)  # a whole number may be 1.0


class ChatBody(Body):
    """The content of a request for a chat completion.

    Args:
        raw: JSON.
        correlation: knows where it names what it is about.
        lenient: let pass what can be answered.

    Raises:
        RefusedError: as the provider would find it.
    """

    PATH: ClassVar[str] = script.CHAT

    __slots__ = ("choices", "scored")

    def __init__(self, raw: bytes, correlation: Correlation, *, lenient: bool) -> None:
        if not lenient:
            checks.check(CHAT, checks.parsed(raw))
        chat = decoded(_decoder, raw)
        if not chat.model:
            raise RefusedError("You must provide a 'model' parameter.", "model")
        if not chat.messages:
            said = "Invalid 'messages': an empty array, one message at least is expected."
            raise RefusedError(said, "messages", "empty_array")
        form = read_format(bytes(chat.response_format))
        kind = "text" if form is TEXT else "json_object" if form is ANY_OBJECT else "json_schema"
        if kind != "json_schema":
            form = _told(chat.messages) or form
        super().__init__(raw, correlation, chat.model, chat.messages[-1].text, form)
        self.form = kind
        _check_tools(chat.tools or [])
        self.functions = [tool["function"] for tool in chat.tools or () if tool["type"] == "function"]
        self.choice = _choice(chat.tool_choice)
        self.streams = bool(chat.stream)
        self.usage_wanted = bool(chat.stream_options and chat.stream_options.include_usage)
        self.most_tokens = chat.max_completion_tokens or chat.max_tokens or 0
        self.store = bool(chat.store)
        self.choices = chat.n or 1
        self.scored = bool(chat.logprobs)


class Request:
    """One request, checked. Results that depend only on the body are cached, because clients repeat requests.

    Args:
        body: JSON.
        headers: of HTTP, names in lower case.
        correlation: reads the request's purpose.
        kind: of request.
        lenient: let pass what can be answered.

    Raises:
        RefusedError: as the provider would find it.
        DescriptionError: strictness needs the provider's description, and it cannot be read.
    """

    __slots__ = ("asked", "body")

    def __init__(
        self,
        body: bytes,
        headers: Mapping[bytes, bytes],
        correlation: Correlation,
        kind: Callable[..., Body] = ChatBody,
        *,
        lenient: bool = False,
    ) -> None:
        read = _kept if len(body) <= LONGEST_KEPT else _read
        self.body = read(kind, body, correlation, lenient)
        own = RETRY_HEADER in headers or correlation.header in headers
        self.asked = _asked(headers, self.body, correlation) if own else self.body.asked


def _read(kind: Callable[..., Body], raw: bytes, correlation: Correlation, lenient: bool) -> Body:
    body = kind(raw, correlation, lenient=lenient)
    body.asked = _asked({}, body, correlation)
    return body


_kept = lru_cache(maxsize=1024)(_read)


def decoded(decoder: msgspec.json.Decoder[T], raw: bytes) -> T:
    """The part of the body that an answer depends on.

    Args:
        decoder: decoder of that part.
        raw: JSON.

    Raises:
        RefusedError: it cannot be answered.
    """
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise _wrong_type(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RefusedError("We could not parse the JSON body of your request.") from None


def asked_of(headers: Mapping[bytes, bytes], correlation: Correlation, path: str, method: str) -> Asked:
    """The question of a call without a body."""
    said = {"method": method, "path": path, "key": path, "attempt": _retries(headers) + 1}
    return Asked(**{**said, **correlation.read(headers)})


def _asked(headers: Mapping[bytes, bytes], body: Body, correlation: Correlation) -> Asked:
    said = {
        "path": body.PATH,
        "schema": body.format.name,
        "model": body.model,
        "message": body.message,
        "key": body.key,
        "attempt": _retries(headers) + 1,
    }
    return Asked(**{**said, **correlation.read(headers, body.concept)})


def _retries(headers: Mapping[bytes, bytes]) -> int:
    return number_in(headers.get(RETRY_HEADER, b"")) or 0


def _wrong_type(problem: str) -> RefusedError:
    """The error of msgspec for a request that cannot be answered, in the provider's form: message, parameter, code."""
    what, _, where = problem.partition(" - at `$")
    parameter = where.rstrip("`").lstrip(".") or None
    named = re.search(r"field `(\w+)`", what)
    if what.startswith("Object missing") and named:
        name = f"{parameter}.{named[1]}" if parameter else named[1]
        return RefusedError(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
    if parameter is None:
        return RefusedError("The body must be a JSON object.", None, "invalid_type")
    code = "invalid_type" if ", got " in what else "invalid_value"
    kind = "type" if code == "invalid_type" else "value"
    return RefusedError(f"Invalid {kind} for '{parameter}': {what[0].lower()}{what[1:]}.", parameter, code)


def _told(messages: list[Message]) -> Format | None:
    """The form of the answer, if a line of the instructions tells it."""
    lines = (
        line
        for message in messages
        if message.role in INSTRUCTING
        for line in message.text.splitlines()
        if line.startswith(TOLD)
    )
    return next((found for found in map(told_format, lines) if found is not None), None)


def _choice(wanted: str | dict[str, Any] | None) -> Any:
    """Whether a tool must be called: `none`, `auto`, `required`, or the name of the function to call."""
    if not isinstance(wanted, dict):
        return wanted
    allowed = wanted.get("allowed_tools")
    if wanted.get("type") == "allowed_tools" and isinstance(allowed, dict):
        first: dict[str, Any] = next(iter(allowed.get("tools") or ()), {})
        return _choice(first) if allowed.get("mode") == "required" else "auto"
    function = wanted.get("function")
    return function.get("name", "required") if isinstance(function, dict) else "required"


def _check_tools(tools: list[dict[str, Any]]) -> None:
    for number, tool in enumerate(tools):
        if tool.get("type") not in ("function", "custom"):
            parameter = f"tools[{number}].type"
            raise RefusedError(f"Invalid value for '{parameter}'.", parameter, "invalid_value")
        function = tool.get(tool["type"])
        if not isinstance(function, dict) or not NAME.fullmatch(str(function.get("name", ""))):
            parameter = f"tools[{number}].{tool['type']}.name"
            raise RefusedError(f"Invalid value for '{parameter}'.", parameter, "invalid_value")
