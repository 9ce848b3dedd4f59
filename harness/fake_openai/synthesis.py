"""A minimal value for any JSON schema that a structured output can have; deterministic, and valid by construction."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
MAX_DEPTH = 30


class UnsatisfiableError(Exception):
    """No value was found for the schema. Says where."""


def synthesise(schema: Schema) -> Any:
    """A value that fits.

    Raises:
        UnsatisfiableError: the schema asks for what is not supported here, such as a pattern.
    """
    return _value(schema, schema, "$", 0)


def _value(schema: Schema, root: Schema, path: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise UnsatisfiableError(f"{path}: a schema that contains itself without an end")
    if "$ref" in schema:
        return _value(_target(schema["$ref"], root, path), root, path, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return _first(schema[keyword], root, path, depth)
    if "allOf" in schema:
        return _value(_merged(schema, root, path), root, path, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    return _OF_TYPE[kind](schema, root, path, depth)


def _target(reference: str, root: Schema, path: str) -> Schema:
    found: Any = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        if part:
            found = found.get(part.replace("~1", "/").replace("~0", "~"), {})
    if not isinstance(found, Mapping) or (not found and reference != "#"):
        raise UnsatisfiableError(f"{path}: {reference} leads nowhere")
    return found


def _first(choices: list[Schema], root: Schema, path: str, depth: int) -> Any:
    """The first choice that comes to an end; null last, for nobody learns from a null."""
    problems = []
    for choice in sorted(choices, key=lambda choice: choice.get("type") == "null"):
        try:
            return _value(choice, root, path, depth + 1)
        except UnsatisfiableError as error:
            problems.append(str(error))
    raise UnsatisfiableError(f"{path}: no choice works: {'; '.join(problems)}")


def _merged(schema: Schema, root: Schema, path: str) -> Schema:
    merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema["allOf"]:
        whole = _target(part["$ref"], root, path) if "$ref" in part else part
        properties = {**merged.get("properties", {}), **whole.get("properties", {})}
        required = [*merged.get("required", []), *whole.get("required", [])]
        merged |= {**whole, "properties": properties, "required": required}
    return merged


def _object(schema: Schema, root: Schema, path: str, depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    # Where nothing is required, as in a loose schema, everything is filled in that comes to an end.
    names = schema.get("required", list(properties))
    return {
        name: _value(properties.get(name, {}), root, f"{path}.{name}", depth + 1)
        for name in dict.fromkeys(names)
    }


def _array(schema: Schema, root: Schema, path: str, depth: int) -> list[Any]:
    fixed = [_value(s, root, f"{path}[{n}]", depth + 1) for n, s in enumerate(schema.get("prefixItems", []))]
    count = max(schema.get("minItems", 0), min(1, schema.get("maxItems", 1)), len(fixed))
    items = schema.get("items", {})
    if schema.get("minItems", 0) == 0 and depth > MAX_DEPTH // 2:
        count = len(fixed)  # a list of itself must stop somewhere
    made = fixed + [_value(items, root, f"{path}[{n}]", depth + 1) for n in range(len(fixed), count)]
    if schema.get("uniqueItems") and len(made) > 1:
        raise UnsatisfiableError(f"{path}: several items that all differ")
    return made


def _string(schema: Schema, _root: Schema, path: str, _depth: int) -> str:
    if "pattern" in schema:
        raise UnsatisfiableError(f"{path}: a string of the pattern {schema['pattern']!r}")
    formats = {
        "date": "2026-01-01",
        "date-time": "2026-01-01T00:00:00Z",
        "email": "ada@example.com",
        "uri": "https://example.com/",
        "uuid": "00000000-0000-4000-8000-000000000000",
    }
    text = formats.get(schema.get("format", "")) or path.rpartition(".")[2].replace("_", " ")
    text = text.ljust(schema.get("minLength", 0), ".")
    return text[: schema["maxLength"]] if "maxLength" in schema else text


def _number(schema: Schema, _root: Schema, path: str, _depth: int) -> float:
    step = schema.get("multipleOf", 1)
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0 if schema.get("maximum", 1) >= 0 else None))
    value: float = schema.get("maximum", 0) if low is None else low
    value = -(-value // step) * step  # up to the next multiple
    if value == schema.get("exclusiveMinimum"):
        value += step
    if value > schema.get("maximum", value) or value >= schema.get("exclusiveMaximum", value + 1):
        raise UnsatisfiableError(f"{path}: a number within its limits")
    return value


_OF_TYPE = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _number,
    "number": _number,
    "boolean": lambda *_: True,
    "null": lambda *_: None,
}
