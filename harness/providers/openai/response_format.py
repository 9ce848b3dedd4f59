"""What form of answer a request asks for: read once, for clients send the same one again and again."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from harness.providers.errors import RefusedError

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # of a schema or a function
PARAMETER = "response_format.json_schema"
DATA_NOT_SCHEMA = {"const", "default", "enum", "examples"}


class Format(msgspec.Struct, frozen=True, eq=False):
    """The form of an answer.

    Args:
        name: of the schema; '' where there is none.
        schema: that the answer must fit; None for text.
        needs_the_word: whether the messages must speak of JSON.
    """

    name: str = ""
    schema: dict[str, Any] | None = None
    needs_the_word: bool = False


TEXT = Format()
ANY_OBJECT = Format(schema={"type": "object"}, needs_the_word=True)


@lru_cache(maxsize=256)
def read_format(raw: bytes) -> Format:
    """The `response_format` of a request, checked. The same bytes give the same object.

    Raises:
        RefusedError: as the provider would find it.
    """
    wanted = msgspec.json.decode(raw)
    if wanted is None:
        return TEXT
    if not isinstance(wanted, dict):
        raise RefusedError(
            "Invalid type for 'response_format': an object is expected.", "response_format", "invalid_type"
        )
    match wanted.get("type"):
        case "text":
            return TEXT
        case "json_object":
            return ANY_OBJECT
        case "json_schema":
            return _described(wanted.get("json_schema"))
    said = f"Invalid value for 'response_format.type': {wanted.get('type')!r}."
    raise RefusedError(said, "response_format.type", "invalid_value")


def _described(described: Any) -> Format:
    if not isinstance(described, dict):
        raise RefusedError(
            f"Missing required parameter: '{PARAMETER}'.", PARAMETER, "missing_required_parameter"
        )
    name, schema = described.get("name"), described.get("schema")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        said = f"Invalid value for '{PARAMETER}.name': letters, digits, _ and -, 64 at most."
        raise RefusedError(said, f"{PARAMETER}.name", "invalid_value")
    if not isinstance(schema, dict):
        said = f"Missing required parameter: '{PARAMETER}.schema'."
        raise RefusedError(said, f"{PARAMETER}.schema", "missing_required_parameter")
    if described.get("strict"):
        problem = next(_loose_objects(schema, "$"), "")
        if problem:
            said = f"Invalid schema for response_format '{name}': {problem}"
            raise RefusedError(said, "response_format", "invalid_json_schema")
    return Format(name, schema)


def _loose_objects(node: Any, path: str) -> Iterator[str]:
    """What keeps a schema from being strict.

    Structured outputs require every object to name all its properties as required and to allow no others:
    https://platform.openai.com/docs/guides/structured-outputs, "Supported schemas".
    """
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from _loose_objects(item, f"{path}[{number}]")
    if not isinstance(node, dict):
        return
    properties = node.get("properties")
    if node.get("type") == "object" or isinstance(properties, dict):
        if node.get("additionalProperties") is not False:
            yield f"at {path}, 'additionalProperties' is required to be supplied and to be false."
        missing = sorted(set(properties or {}) - set(node.get("required", [])))
        if missing:
            yield f"at {path}, 'required' has to name every property; it lacks {', '.join(missing)}."
    for name, value in node.items():
        if name not in DATA_NOT_SCHEMA:
            yield from _loose_objects(value, f"{path}.{name}")
