"""A schema of the description as something that looks at values: types, enums, limits, and no parameter that is not there.

It implements the small part of JSON Schema that the description uses, to give the provider's own errors: parameter, code,
sentence. An object that names its properties has no others, as the provider has it; the description says so of few.
"""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from harness.providers.openai.strict import wrong
from harness.providers.openai.strict.description import SCHEMAS, Schema
from harness.providers.openai.strict.wrong import WrongError

Check = Callable[[Any], None]
_KINDS: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}
_CALLED = {
    "string": "a string",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a decimal",
    "object": "an object",
    "null": "null",
}
NULL: Schema = {"type": "null"}
OBJECT: Schema = {"type": "object"}


class Shape:
    """The shape that one value must have. It is prepared with the first value, because most of the description is never used.

    Args:
        schema: of it.
        schemas: that it may refer to, by name.
    """

    def __init__(self, schema: Schema, schemas: Mapping[str, Schema]) -> None:
        self.schema = schema
        self._schemas = schemas

    def check(self, value: Any) -> None:
        """Look at a value.

        Raises:
            WrongError: it is not of this shape.
        """
        kinds = self._checks
        kind = _KINDS[type(value)]
        found = kinds.get(kind)
        if found is None and kind == "integer":
            found = kinds.get("number")
        if found is None and kind == "number" and value.is_integer():
            found = kinds.get("integer")
        if found is None:
            raise wrong.of_type(value, self.expected)
        found(value)

    @cached_property
    def alternatives(self) -> list[Schema]:
        """What it may be, each of one type; references, unions and intersections resolved at this level."""
        return _distinct(self._flat(self.schema))

    @cached_property
    def expected(self) -> list[str]:
        """The types that it may have, in words."""
        return list(dict.fromkeys(self._called(each) for each in self.alternatives if each != NULL)) or [
            "null"
        ]

    def part(self, name: str) -> "Shape":
        """Of a property, or of the items where the name is `[]`."""
        for each in self.alternatives:
            if name == "[]" and "items" in each:
                return Shape(each["items"], self._schemas)
            if name in each.get("properties", {}):
                return Shape(each["properties"][name], self._schemas)
        raise KeyError(name)

    @cached_property
    def _checks(self) -> dict[str, Check]:
        """By type."""
        by_kind: dict[str, list[Schema]] = {}
        for each in self.alternatives:
            by_kind.setdefault(each["type"], []).append(each)
        return {kind: self._of_kind(kind, schemas) for kind, schemas in by_kind.items()}

    def _of_kind(self, kind: str, schemas: list[Schema]) -> Check:
        make = {
            "string": _string,
            "integer": _number,
            "number": _number,
            "array": self._array,
            "object": self._object,
        }.get(kind, _enum)
        checks = [make(each) for each in schemas]
        if len(checks) == 1:
            return checks[0]
        if kind == "object":
            tag = self._tag(schemas)
            if tag:
                return self._tagged(tag, schemas, checks)
        return _any_of(checks)

    def _array(self, schema: Schema) -> Check:
        items = Shape(schema.get("items", {}), self._schemas).check if schema.get("items") else None
        least, most = schema.get("minItems", 0), schema.get("maxItems")

        def check(value: list[Any]) -> None:
            if len(value) < least:
                raise wrong.of_array(len(value), least, below=True)
            if most is not None and len(value) > most:
                raise wrong.of_array(len(value), most, below=False)
            if items is not None:
                for number, item in enumerate(value):
                    try:
                        items(item)
                    except WrongError as error:
                        error.path.append(number)
                        raise

        return check

    def _object(self, schema: Schema) -> Check:
        parts = {
            name: Shape(each, self._schemas).check for name, each in schema.get("properties", {}).items()
        }
        # The description requires some properties that it does not define: they are allowed.
        named = tuple(schema.get("required", ()))
        required = tuple(name for name in named if name in parts or not parts)
        others = schema.get("additionalProperties", not parts)
        other = Shape(others, self._schemas).check if isinstance(others, dict) and others else None
        closed = others is False
        most = schema.get("maxProperties")
        longest = schema.get("propertyNames", {}).get("maxLength")

        def check(value: dict[str, Any]) -> None:
            if most is not None and len(value) > most:
                raise wrong.of_object(len(value), most)
            for name, each in value.items():
                if longest is not None and len(name) > longest:
                    raise wrong.at(wrong.of_string(len(name), longest, below=False), name)
                found = parts.get(name, other)
                if found is not None:
                    try:
                        found(each)
                    except WrongError as error:
                        error.path.append(name)
                        raise
                elif closed and name not in named:
                    raise wrong.unknown(name)
            for name in required:
                if name not in value:
                    raise wrong.missing(name)

        return check

    def _tag(self, schemas: list[Schema]) -> str:
        """The property that tells objects apart; '' where none does."""
        for name in ("type", "role"):
            if all(self._values(each, name) for each in schemas):
                return name
        return ""

    def _values(self, schema: Schema, name: str) -> tuple[str, ...]:
        """That a property may have, where they are listed."""
        described = schema.get("properties", {}).get(name)
        if described is None:
            return ()
        found = [
            each.get("enum", ()) for each in Shape(described, self._schemas).alternatives if each != NULL
        ]
        return tuple(value for values in found for value in values) if all(found) else ()

    def _tagged(self, tag: str, schemas: list[Schema], checks: list[Check]) -> Check:
        by_value: dict[str, list[Check]] = {}
        untagged: list[Check] = []
        for schema, check in zip(schemas, checks, strict=True):
            for value in self._values(schema, tag):
                by_value.setdefault(value, []).append(check)
            if tag not in schema.get("required", ()):
                untagged.append(check)
        chosen = {value: found[0] if len(found) == 1 else _any_of(found) for value, found in by_value.items()}
        default = _any_of(untagged) if untagged else None

        def look(value: dict[str, Any]) -> None:
            if tag not in value:
                if default is None:
                    raise wrong.missing(tag)
                default(value)
                return
            said = value[tag]
            if not isinstance(said, str):
                raise wrong.at(wrong.of_type(said, ["a string"]), tag)
            found = chosen.get(said)
            if found is None:
                raise wrong.at(wrong.of_value(said, list(chosen)), tag)
            found(value)

        return look

    def _flat(self, schema: Schema) -> list[Schema]:
        if "$ref" in schema:
            return self._flat(self._schemas[schema["$ref"].removeprefix(SCHEMAS)])
        if "$recursiveRef" in schema:  # a filter within a filter, which is not checked
            return [OBJECT]
        nullable = [NULL] if schema.get("nullable") else []
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return [flat for each in schema[keyword] for flat in self._flat(each)] + nullable
        if "allOf" in schema:
            return [self._merged(schema["allOf"]), *nullable]
        kinds = schema.get("type", "object" if "properties" in schema else None)
        if kinds is None:
            return [{"type": kind} for kind in _KINDS.values()]
        return [
            {**schema, "type": kind} for kind in ([kinds] if isinstance(kinds, str) else kinds)
        ] + nullable

    def _merged(self, parts: list[Schema]) -> Schema:
        """Several schemas of one object as one."""
        flat = [each for part in parts for each in self._flat(part)[:1]]
        properties: dict[str, Any] = {}
        for each in flat:
            for name, described in each.get("properties", {}).items():
                known = properties.get(name)
                # Some have the same limit twice, but are nullable in only one of them.
                properties[name] = described if known is None else {"anyOf": [known, described]}
        required = [name for each in flat for name in each.get("required", ())]
        return {**flat[0], "properties": properties, "required": list(dict.fromkeys(required))}

    def _called(self, schema: Schema) -> str:
        if schema["type"] != "array":
            return _CALLED[schema["type"]]
        kinds = {each["type"] for each in Shape(schema.get("items", {}), self._schemas).alternatives}
        return f"an array of {kinds.pop()}s" if len(kinds) == 1 else "an array"


def _distinct(schemas: list[Schema]) -> list[Schema]:
    """Without those that another one covers: an enum beside any string, the same limit twice; enums of strings joined."""
    found: list[Schema] = []
    values: list[Any] = []
    for each in schemas:
        bare = {name: value for name, value in each.items() if name in _LIMITS}
        if bare.get("type") == "string" and set(bare) == {"type", "enum"}:
            values += bare["enum"]
        elif bare not in found:
            found.append(bare)
    if values and {"type": "string"} not in found:
        found.append({"type": "string", "enum": list(dict.fromkeys(values))})
    return found


_LIMITS = frozenset(
    {
        *("type", "enum", "properties", "required", "additionalProperties", "propertyNames", "maxProperties"),
        *("items", "minItems", "maxItems", "minLength", "maxLength", "pattern"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    }
)


def _any_of(checks: list[Check]) -> Check:
    """Check that one alternative fits; else raise the error of the one that fits best."""

    def check(value: Any) -> None:
        furthest: WrongError | None = None
        for each in checks:
            try:
                each(value)
            except WrongError as error:
                if furthest is None or len(error.path) > len(furthest.path):
                    furthest = error
            else:
                return
        if furthest is not None:
            raise furthest

    return check


def _enum(schema: Schema) -> Check:
    allowed = schema.get("enum")

    def check(value: Any) -> None:
        if allowed is not None and value not in allowed:
            raise wrong.of_value(value, allowed)

    return check


def _string(schema: Schema) -> Check:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    pattern, allowed = schema.get("pattern"), schema.get("enum")
    matches = re.compile(pattern).search if pattern else None
    values = frozenset(allowed) if allowed else None

    def check(value: str) -> None:
        if values is not None and value not in values:
            raise wrong.of_value(value, schema["enum"])
        if len(value) < least:
            raise wrong.of_string(len(value), least, below=True)
        if most is not None and len(value) > most:
            raise wrong.of_string(len(value), most, below=False)
        if matches is not None and not matches(value):
            raise wrong.of_pattern(schema["pattern"])

    return check


def _number(schema: Schema) -> Check:
    kind = "integer" if schema["type"] == "integer" else "decimal"
    low, high = schema.get("minimum"), schema.get("maximum")
    over, under = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")

    def check(value: float) -> None:
        if low is not None and value < low:
            raise wrong.of_number(value, kind, low, below=True)
        if high is not None and value > high:
            raise wrong.of_number(value, kind, high, below=False)
        if over is not None and value <= over:
            raise wrong.of_number(value, kind, over, below=True, exclusive=True)
        if under is not None and value >= under:
            raise wrong.of_number(value, kind, under, below=False, exclusive=True)

    return check
