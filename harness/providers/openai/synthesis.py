"""A minimal value for any JSON schema that a structured output can have; the same one every time."""

import math
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]
MAX_DEPTH = 30
MOST_ASKED = 100_000  # largest minimum of characters, items or properties
MOST_TRIES = 200  # at a string that has to be of a pattern and of a length
FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "duration": "P1D",
    "email": "ada@example.com",
    "hostname": "www.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


class UnsatisfiableError(Exception):
    """No value was found for the schema. Says where."""


def synthesise(schema: Schema) -> Any:
    """A value that fits.

    Raises:
        UnsatisfiableError: the schema is impossible, or not supported here, such as `not`. Other unsupported parts are found by
            the validation that must follow.
    """
    return _value(schema, schema, "$", 0)


def _value(schema: Schema | bool, root: Schema, path: str, depth: int) -> Any:
    if isinstance(schema, bool):
        schema = {}
    if depth > MAX_DEPTH:
        raise UnsatisfiableError(f"{path}: a schema that contains itself without an end")
    if "$ref" in schema:
        beside = {key: value for key, value in schema.items() if key not in {"$ref", "description", "title"}}
        whole = _target(schema["$ref"], root, path)
        return _value({**whole, **beside}, root, path, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return _of_kinds(schema["enum"], schema.get("type"), path)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            beside = {key: value for key, value in schema.items() if key != keyword}
            return _first([{**beside, **choice} for choice in schema[keyword]], root, path, depth)
    if "allOf" in schema:
        return _value(_merged(schema, root, path), root, path, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    return _OF_TYPE[kind](schema, root, path, depth)


def _of_kinds(values: list[Any], kind: Any, path: str) -> Any:
    """The first of some values that is of a type; null last."""
    kinds = kind if isinstance(kind, list) else [kind] if kind else list(_KINDS)
    wanted = tuple(one for name in kinds for one in _KINDS[name])
    fitting = [
        v for v in values if isinstance(v, wanted) and not (isinstance(v, bool) and bool not in wanted)
    ]
    if not fitting:
        raise UnsatisfiableError(f"{path}: none of {values} is of the type {kind}")
    return next((value for value in fitting if value is not None), None)


def _target(reference: str, root: Schema, path: str) -> Schema:
    found: Any = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        if part:
            found = found.get(part.replace("~1", "/").replace("~0", "~"), {})
    if not isinstance(found, Mapping) or (not found and reference != "#"):
        raise UnsatisfiableError(f"{path}: {reference} leads nowhere")
    return found


def _first(choices: list[Schema], root: Schema, path: str, depth: int) -> Any:
    """The first choice that ends; null last, because a null is useless."""
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


def _least(schema: Schema, limit: str, path: str) -> int:
    """The minimum of something in a value; refuses a minimum that would take all memory."""
    least: int = schema.get(limit, 0)
    if least > MOST_ASKED:
        raise UnsatisfiableError(f"{path}: {limit} is too large: {MOST_ASKED} at most")
    return least


def _object(schema: Schema, root: Schema, path: str, depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    # Where nothing is required, as in a loose schema, every property that ends is filled in.
    names = schema.get("required", list(properties))
    further = schema.get("additionalProperties", {})
    made = {
        name: _value(properties.get(name, further or {}), root, f"{path}.{name}", depth + 1)
        for name in dict.fromkeys(names)
    }
    for number in range(len(made), _least(schema, "minProperties", path)):
        made[f"key_{number + 1}"] = _value(further or {}, root, f"{path}.key_{number + 1}", depth + 1)
    return made


def _array(schema: Schema, root: Schema, path: str, depth: int) -> list[Any]:
    fixed = [_value(s, root, f"{path}[{n}]", depth + 1) for n, s in enumerate(schema.get("prefixItems", []))]
    least = _least(schema, "minItems", path)
    count = max(least, min(1, schema.get("maxItems", 1)), len(fixed))
    items = schema.get("items", {})
    if least == 0 and depth > MAX_DEPTH // 2:
        count = len(fixed)  # a list that contains itself must end somewhere
    if items is False:
        count = len(fixed)
    made = fixed + [_value(items, root, f"{path}[{n}]", depth + 1) for n in range(len(fixed), count)]
    if schema.get("uniqueItems") and len(made) > 1:
        return [_different(items, root, value, number, path) for number, value in enumerate(made)]
    return made


def _different(items: Any, root: Schema, value: Any, number: int, path: str) -> Any:
    """A value unlike those of lower numbers, made from the first."""
    resolved = _target(items["$ref"], root, path) if isinstance(items, Mapping) and "$ref" in items else items
    choices = resolved.get("enum") if isinstance(resolved, Mapping) else None
    if choices and number < len(choices):
        return choices[number]
    if not choices and isinstance(value, str):
        return f"{value} {number + 1}" if number else value
    if not choices and isinstance(value, int | float) and not isinstance(value, bool):
        return value + number * resolved.get("multipleOf", 1)
    if not choices and isinstance(value, dict):
        changed = {
            name: _different(resolved.get("properties", {}).get(name, {}), root, part, number, path)
            for name, part in value.items()
            if isinstance(part, str) or (isinstance(part, int) and not isinstance(part, bool))
        }
        if changed:
            return {**value, **changed}
    raise UnsatisfiableError(f"{path}: several items that all differ")


def _string(schema: Schema, _root: Schema, path: str, _depth: int) -> str:
    least, most = _least(schema, "minLength", path), schema.get("maxLength", math.inf)
    if "pattern" in schema:
        return _matching(schema["pattern"], least, most, path)
    text = FORMATS.get(schema.get("format", "")) or path.rpartition(".")[2].replace("_", " ")
    text = text.ljust(least, ".")
    return text if len(text) <= most else text[: int(most)]


def _matching(pattern: str, least: int, most: float, path: str) -> str:
    """A string of a pattern and a length, drawn until one fits: always the same draws."""
    import rstr  # imported only when needed

    strings = rstr.Rstr(random.Random(pattern))  # noqa: S311 - no secret
    try:
        for _ in range(MOST_TRIES):
            text = strings.xeger(pattern)
            # A pattern may match only a part, so the string may be too long or too short.
            text = text if len(text) >= least else text.ljust(least, "x")
            if len(text) <= most and re.search(pattern, text):
                return text
    except (re.error, KeyError, IndexError):
        pass  # a pattern of another dialect, or one that the library cannot follow
    raise UnsatisfiableError(f"{path}: a string of the pattern {pattern!r}")


def _number(schema: Schema, _root: Schema, path: str, _depth: int) -> float:
    whole = schema.get("type") == "integer" or "integer" in schema.get("type", ())
    step = schema.get("multipleOf", 1)
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    # The smallest that is allowed, but for one that may be 0: the multiples, and for a number what lies between.
    start = 0 if low <= 0 <= high else low if low > 0 else high
    nearest = math.floor(start / step) * step
    candidates = [start, *(nearest + n * step for n in (0, 1, -1, 2))]
    if "multipleOf" in schema or whole:
        candidates = candidates[1:]
    elif math.isfinite(low) and math.isfinite(high):
        candidates.append((low + high) / 2)
    for value in candidates:
        if _allowed(schema, value) and (not whole or value == int(value)):
            return int(value) if value == int(value) else value
    raise UnsatisfiableError(f"{path}: a number within its limits")


def _allowed(schema: Schema, value: float) -> bool:
    within = schema.get("minimum", value) <= value <= schema.get("maximum", value)
    inside = schema.get("exclusiveMinimum", -math.inf) < value < schema.get("exclusiveMaximum", math.inf)
    return bool(within and inside)


_KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_OF_TYPE: dict[str, Callable[[Schema, Schema, str, int], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _number,
    "number": _number,
    "boolean": lambda *_: True,
    "null": lambda *_: None,
}
