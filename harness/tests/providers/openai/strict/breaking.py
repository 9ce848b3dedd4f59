"""Requests made from the description: good ones, and for each all the ways to break one of its rules, with what must be said of it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from hypothesis import strategies as st

from harness.providers.openai.strict.shape import Shape

DEEPEST = 6
ANYTHING: dict[str, Any] = {}
VALUES = {
    "string": "x",
    "boolean": True,
    "integer": 3,
    "number": 1.5,
    "null": None,
    "object": {"x": 1},
    "array": [[]],
}
MOST_LISTED = 200  # items; a longer list is not worth making


_KNOWN: dict[int, tuple[Any, Shape]] = {}


def shaped(schema: Any, beside: Shape) -> Shape:
    """The shape of a part; each is made once."""
    found = _KNOWN.get(id(schema))
    if found is None or found[0] is not schema:
        found = _KNOWN[id(schema)] = schema, Shape(schema, beside._schemas)
    return found[1]


class Break(NamedTuple):
    """One rule broken.

    Attributes:
        body: of the request.
        parameter: that must be named.
        code: that must be said.
    """

    body: Any
    parameter: str
    code: str


@st.composite
def good(draw: st.DrawFn, shape: Shape, depth: int = 0) -> Any:
    """A value of a shape."""
    choices = [
        each for each in shape.alternatives if depth < DEEPEST or each["type"] not in ("object", "array")
    ]
    schema = draw(st.sampled_from(choices or shape.alternatives))
    match schema["type"]:
        case "object":
            return draw(_object(shape, schema, depth))
        case "array":
            items = shaped(schema.get("items", ANYTHING), shape)
            least, most = schema.get("minItems", 0), min(schema.get("maxItems", 2), 2)
            return [draw(good(items, depth + 1)) for _ in range(draw(st.integers(least, max(least, most))))]
        case "string":
            return draw(_string(schema))
        case "integer":
            return draw(st.integers(*_limits(schema, whole=True)))
        case "number":
            low, high = _limits(schema, whole=False)
            return draw(st.floats(low, high, allow_nan=False, allow_infinity=False))
        case kind:
            return draw(st.booleans()) if kind == "boolean" else None


@st.composite
def _object(draw: st.DrawFn, shape: Shape, schema: dict[str, Any], depth: int) -> dict[str, Any]:
    required = schema.get("required", ())
    properties = schema.get("properties", {})
    optional = [name for name in properties if name not in required and properties[name]]
    more = (
        draw(st.lists(st.sampled_from(optional), unique=True, max_size=3)) if optional and depth < 3 else []
    )
    found = {
        name: draw(good(shaped(properties.get(name, ANYTHING), shape), depth + 1))
        for name in (*required, *more)
    }
    if isinstance(schema.get("additionalProperties"), dict) and schema["additionalProperties"]:
        found["1"] = draw(good(shaped(schema["additionalProperties"], shape), depth + 1))
    return found


@st.composite
def _string(draw: st.DrawFn, schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    letters = draw(st.text("abcxyz", min_size=1, max_size=8))
    return letters.ljust(schema.get("minLength", 0), "a")


def _limits(schema: dict[str, Any], *, whole: bool) -> tuple[Any, Any]:
    low, high = schema.get("minimum", -5), schema.get("maximum", schema.get("minimum", 0) + 9)
    return (int(max(low, -(2**53))), int(min(high, 2**53))) if whole else (low, high)


def breaks(body: Any, shape: Shape) -> list[Break]:
    """All the ways to break one rule of a good value."""
    return [Break(value, _name(path), code) for value, path, code in _breaks(body, shape)]


def _breaks(value: Any, shape: Shape) -> Iterator[tuple[Any, tuple[Any, ...], str]]:
    """Each with what it becomes, where the fault is, and its code."""
    kinds = {each["type"] for each in shape.alternatives}
    yield from (
        (wrong, (), "invalid_type")
        for kind, wrong in VALUES.items()
        if kind not in kinds and not (kind == "integer" and "number" in kinds)
    )
    found = _the_one(value, shape)
    if found is None:
        return
    match value:
        case dict():
            yield from _of_object(value, found, shape)
        case list():
            yield from _of_array(value, found, shape)
        case str():
            yield from _of_string(found)
        case bool() | None:
            pass
        case int() | float():
            kind = "integer" if found["type"] == "integer" else "decimal"
            if "maximum" in found:
                yield found["maximum"] + 10 * abs(found["maximum"] or 1), (), f"{kind}_above_max_value"
            if "minimum" in found:
                yield found["minimum"] - 10 * abs(found["minimum"] or 1), (), f"{kind}_below_min_value"


def _the_one(value: Any, shape: Shape) -> dict[str, Any] | None:
    """The alternative that a value is of, where there is only one of its type, or one with its tag."""
    kind = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    name = kind.get(type(value), "null")
    of_kind = [each for each in shape.alternatives if each["type"] == name]
    if not of_kind and name == "integer":
        of_kind = [each for each in shape.alternatives if each["type"] == "number"]
    if len(of_kind) > 1 and isinstance(value, dict):
        tag = shape._tag(of_kind)
        of_kind = [each for each in of_kind if tag and value.get(tag) in shape._values(each, tag)]
    return of_kind[0] if len(of_kind) == 1 else None


def _of_object(value: dict[str, Any], schema: dict[str, Any], shape: Shape) -> Iterator[Any]:
    properties = schema.get("properties", {})
    several = sum(each["type"] == "object" for each in shape.alternatives) > 1
    tag = shape._tag([each for each in shape.alternatives if each["type"] == "object"]) if several else ""
    if properties and not schema.get("additionalProperties"):
        yield {**value, "unheard_of": 1}, ("unheard_of",), "unknown_parameter"
    for name in schema.get("required", ()):
        if name != tag:
            yield (
                {key: each for key, each in value.items() if key != name},
                (name,),
                "missing_required_parameter",
            )
    for name, each in value.items():
        described = properties.get(name, schema.get("additionalProperties"))
        if not isinstance(described, dict) or not described or name == tag:
            continue
        for changed, path, code in _breaks(each, shaped(described, shape)):
            yield {**value, name: changed}, (name, *path), code


def _of_array(value: list[Any], schema: dict[str, Any], shape: Shape) -> Iterator[Any]:
    if schema.get("minItems") == 1:
        yield [], (), "empty_array"
    if value and schema.get("maxItems", MOST_LISTED) < MOST_LISTED:
        yield [value[0]] * (schema["maxItems"] + 1), (), "array_above_max_length"
    for number, each in enumerate(value[:1]):
        for changed, path, code in _breaks(each, shaped(schema.get("items", ANYTHING), shape)):
            yield [*value[:number], changed, *value[number + 1 :]], (number, *path), code


def _of_string(schema: dict[str, Any]) -> Iterator[Any]:
    if "enum" in schema:
        yield "unheard_of", (), "invalid_value"
        return
    if "pattern" in schema:
        yield "a b|c", (), "invalid_value"
    if schema.get("maxLength", 10_000) < 10_000:
        yield "a" * (schema["maxLength"] + 1), (), "string_above_max_length"
    if schema.get("minLength"):
        yield "", (), "empty_string"


def _name(path: tuple[Any, ...]) -> str:
    written = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return written.removeprefix(".")
