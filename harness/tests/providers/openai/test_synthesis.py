import enum
from typing import Annotated, Literal

import jsonschema
import pytest
from annotated_types import MinLen
from pydantic import BaseModel, EmailStr, Field

from harness.providers.openai.synthesis import FORMATS, UnsatisfiableError, synthesise


class Colour(enum.Enum):
    RED = "red"


class Leaf(BaseModel):
    text: Annotated[str, Field(min_length=20, max_length=30)]
    mail: EmailStr
    number: Annotated[int, Field(ge=3, le=9)]
    ratio: Annotated[float, Field(gt=0, lt=2)]
    even: Annotated[int, Field(ge=3, multiple_of=2)]
    colour: Colour
    maybe: int | None
    either: Literal["a", "b"] | list[bool]


class Tree(BaseModel):
    leaves: Annotated[list[Leaf], MinLen(2)]
    children: "list[Tree]"
    table: dict[str, int]
    pair: tuple[int, str]


SCHEMAS = [
    *(m.model_json_schema() for m in (Leaf, Tree)),
    {},
    {"type": ["null", "integer"], "minimum": 5},
    {"const": None},
    {
        "allOf": [
            {"properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"properties": {"b": {"const": 1}}},
        ]
    },
    {"type": "array", "maxItems": 0},
    {"type": "string", "format": "uuid", "maxLength": 36},
    {"type": "integer", "maximum": -4},
    {"type": "number", "exclusiveMinimum": 1},
    {"$ref": "#/$defs/x~1y", "$defs": {"x/y": {"type": "boolean"}}},
    {"type": "object", "properties": {"me": {"$ref": "#"}}, "required": []},
    {"type": "array", "minItems": 3, "uniqueItems": True},
    {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"enum": ["a", "b", "c"]}},
    {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"type": "integer", "multipleOf": 5}},
    {"type": "array", "prefixItems": [{"type": "string"}], "items": False},
    {"type": "string", "pattern": "^x{3}$"},
    {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
    {"type": "string", "pattern": "[a-z]+", "minLength": 12},
    {"type": "string", "pattern": "^[a-z]*$", "maxLength": 5},
    {"type": "string", "pattern": "^(red|green)( light)?$"},
    {"type": "string", "pattern": "^@[a-zA-Z0-9_]+$"},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "number", "multipleOf": 0.5, "minimum": 0.2},
    {"type": "integer", "minimum": 0.5},
    {"type": "integer", "exclusiveMaximum": -3},
    {"type": "integer", "minimum": 7, "multipleOf": 5, "maximum": 10},
    {"type": "integer", "minimum": 10**12},
    {"enum": [None, 3], "type": ["integer", "null"]},
    {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
    {"type": "object", "required": ["a"], "additionalProperties": {"type": "boolean"}},
    {"anyOf": [{"minLength": 3}, {"type": "null"}], "type": "string"},
    {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"type": "string", "format": "ipv4"}}},
    *({"type": "string", "format": name} for name in FORMATS),
]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_what_is_made_up_is_valid(schema):
    value = synthesise(schema)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(value)
    assert synthesise(schema) == value


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^x{3}$", "minLength": 4},
        {"type": "string", "pattern": "("},
        {"enum": [1], "type": "string"},
        {"$ref": "#/$defs/none"},
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"type": "object", "properties": {"me": {"$ref": "#"}}, "required": ["me"]},
        {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"type": "boolean"}},
    ],
)
def test_what_cannot_be_made_up_says_so(schema):
    with pytest.raises(UnsatisfiableError, match=r"^\$"):
        synthesise(schema)


@pytest.mark.parametrize("huge", [10**7, 10**30])
@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": "huge"},
        {"type": "string", "pattern": "a", "minLength": "huge"},
        {"type": "array", "items": {"type": "string"}, "minItems": "huge"},
        {"type": "object", "minProperties": "huge"},
    ],
)
def test_what_would_take_all_memory_is_not_made_up(schema, huge):
    with pytest.raises(UnsatisfiableError, match="too"):
        synthesise({name: huge if value == "huge" else value for name, value in schema.items()})
