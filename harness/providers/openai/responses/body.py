"""Reading a request for a response."""

from typing import Annotated, Any, ClassVar

import msgspec

from harness.providers.correlation import Correlation
from harness.providers.errors import RefusedError
from harness.providers.openai.body import Body
from harness.providers.openai.request import decoded
from harness.providers.openai.response_format import read_format
from harness.providers.openai.strict import checks
from harness.providers.openai.strict.overlay import RESPONSE
from harness.providers.openai.strict.response_rules import texts

PATH = "/responses"


class Format(msgspec.Struct):
    format: dict[str, Any] | None = None
    verbosity: str | None = None


class ResponseRequest(msgspec.Struct):
    """The part of the body that an answer depends on; `strict` checks the rest."""

    model: str = ""
    input: str | list[dict[str, Any]] | None = None
    instructions: str | None = None
    max_output_tokens: Annotated[int, msgspec.Meta(ge=0)] | None = None
    metadata: dict[str, str] | None = None
    parallel_tool_calls: bool | None = None
    previous_response_id: str | None = None
    prompt: dict[str, Any] | None = None
    reasoning: dict[str, Any] | None = None
    store: bool | None = None
    stream: bool | None = None
    temperature: float | None = None
    text: Format | None = None
    tool_choice: str | dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    top_p: float | None = None
    truncation: str | None = None
    user: str | None = None


_decoder = msgspec.json.Decoder(ResponseRequest, strict=False)  # a whole number may be 1.0


class ResponseBody(Body):
    """The content of a request for a response.

    Args:
        raw: JSON.
        correlation: knows where it names what it is about.
        lenient: let pass what can be answered.

    Raises:
        RefusedError: as the provider would find it.
    """

    PATH: ClassVar[str] = PATH

    __slots__ = ("request",)

    def __init__(self, raw: bytes, correlation: Correlation, *, lenient: bool) -> None:
        if not lenient:
            checks.check(RESPONSE, checks.parsed(raw))
        self.request = said = decoded(_decoder, raw)
        wanted = (said.text or Format()).format
        super().__init__(raw, correlation, said.model, _last(said.input), read_format(_as_of_chat(wanted)))
        _check_tools(said.tools or [])
        self.functions = [tool for tool in said.tools or () if tool["type"] == "function"]
        named = said.tool_choice
        self.choice = named.get("name", "auto") if isinstance(named, dict) else named
        self.streams = bool(said.stream)
        self.usage_wanted = True  # every last event contains it
        self.most_tokens = said.max_output_tokens or 0
        self.store = said.store is not False
        self.goes_on_from = said.previous_response_id or ""
        self.items = said.input if isinstance(said.input, list) else []


def _last(given: str | list[dict[str, Any]] | None) -> str:
    """The text of the last input."""
    if not isinstance(given, list):
        return given or ""
    said = [item for item in given if "role" in item]
    return "".join(texts({"input": said[-1:]}))


def _as_of_chat(wanted: dict[str, Any] | None) -> bytes:
    """The format in the form of a chat completion, where a schema is one level deeper."""
    if wanted is not None and wanted.get("type") == "json_schema":
        described = {name: value for name, value in wanted.items() if name != "type"}
        wanted = {"type": "json_schema", "json_schema": described}
    return msgspec.json.encode(wanted)


def _check_tools(tools: list[dict[str, Any]]) -> None:
    for number, tool in enumerate(tools):
        needed = ("type", "name") if tool.get("type") == "function" else ("type",)
        for name in needed:
            if not isinstance(tool.get(name), str):
                parameter = f"tools[{number}].{name}"
                said = f"Missing required parameter: '{parameter}'."
                raise RefusedError(said, parameter, "missing_required_parameter")
