"""The form of answer that a request asks for; cached, because clients send the same form again and again."""

import re
from functools import lru_cache
from typing import Any

import msgspec

from harness.providers.errors import RefusedError

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # of a schema or a function
PARAMETER = "response_format.json_schema"


class Format(msgspec.Struct, frozen=True, eq=False):
    """The form of an answer.

    Args:
        name: of the schema; '' where there is none.
        schema: that the answer must fit; None for text.
    """

    name: str = ""
    schema: dict[str, Any] | None = None


TEXT = Format()
ANY_OBJECT = Format(schema={"type": "object"})


@lru_cache(maxsize=256)
def told_format(line: str) -> Format | None:
    """The form of an answer in a line of a message, for clients that may not ask for a schema; None without one.

    Args:
        line: `{"name": ..., "schema": {...}}`, or anything else.
    """
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    named = isinstance(found, dict) and isinstance(found.get("name"), str) and NAME.fullmatch(found["name"])
    return Format(found["name"], found["schema"]) if named and isinstance(found.get("schema"), dict) else None


@lru_cache(maxsize=256)
def read_format(raw: bytes) -> Format:
    """The `response_format` of a request. The same bytes give the same object.

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
    return Format(name, schema)
