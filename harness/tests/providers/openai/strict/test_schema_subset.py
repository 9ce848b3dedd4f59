"""What a strict schema may be, by the provider's guide to structured outputs."""

import pytest

from harness.providers.openai.strict.schema_subset import problem, unusable

TEXT = {"type": "string"}


def of(properties, **more):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        **more,
    }


@pytest.mark.parametrize(
    "schema",
    [
        of({}),
        of({"a": TEXT, "b": {"type": ["integer", "null"]}, "c": {"enum": ["x", 1]}}),
        of({"a": {"anyOf": [TEXT, of({"b": TEXT})]}}),
        of({"a": {"type": "array", "items": of({"b": TEXT}), "minItems": 1, "maxItems": 5}}),
        of(
            {"a": {"$ref": "#/$defs/node"}},
            **{"$defs": {"node": of({"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}})}},
        ),
        of({"a": {"type": "string", "pattern": "^a", "format": "date", "description": "d"}}),
        of({"a": {"type": "number", "minimum": 0, "maximum": 1, "multipleOf": 0.5}}),
        of({"oneOf": TEXT, "not": TEXT, "default": TEXT}),  # names of properties, not keywords
        of({"a": {"const": {"oneOf": 1}}}),
        of({"a": {"type": "string", "default": ""}}),  # as in an exchange that somebody recorded
    ],
)
def test_what_is_supported(schema):
    assert problem(schema) == ""


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (
            {"type": "array", "items": TEXT},
            "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'.",
        ),
        ({}, "got 'type: \"None\"'"),
        ({**of({}), "anyOf": [of({})]}, "schema must be a JSON Schema of 'type: \"object\"'"),
        (of({}, oneOf=[of({})]), "In context=(), 'oneOf' is not permitted."),
        (of({"a": {"oneOf": [TEXT]}}), "In context=('properties', 'a'), 'oneOf' is not permitted."),
        (of({"a": {"allOf": [TEXT]}}), "'allOf' is not permitted"),
        (of({"a": {"type": "string", "not": {}}}), "'not' is not permitted"),
        (of({"a": {"type": "array", "items": TEXT, "uniqueItems": True}}), "'uniqueItems' is not permitted"),
        (of({}, patternProperties={}), "'patternProperties' is not permitted"),
        (
            {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
            "In context=(), 'additionalProperties' is required to be supplied and to be false.",
        ),
        (
            of({"a": TEXT}, required=[]),
            (
                "In context=(), 'required' is required to be supplied and to be an array including every key in properties. "
                "Missing 'a'."
            ),
        ),
        (of({"a": TEXT}, required=["a", "b"]), "Extra required key 'b' supplied."),
        (of({"a": {}}), "In context=('properties', 'a'), schema must have a 'type' key."),
        (of({"a": {"type": "text"}}), "'text' is not a valid type."),
        (of({"a": {"type": "array"}}), "In context=('properties', 'a'), array schema missing items."),
        (
            of({"a": {"type": "array", "items": {"type": "object"}}}),
            "In context=('properties', 'a', 'items'), 'additional",
        ),
        (of({"a": {"type": "string", "format": "uri"}}), "'uri' is not a valid format."),
        (of({"a": {"$ref": "other.json"}}), "reference to component 'other.json' which was not found"),
        (of({"a": {"$ref": "#/$defs/b"}}), "reference to component '#/$defs/b' which was not found"),
        (
            of({"a": of({"b": TEXT}), "c": {"$ref": "#/properties/a"}}),
            "reference can only point to definitions defined at the top level of the schema.",
        ),
        (
            of({"a": {"$ref": "#/$defs/b", "description": "d"}}, **{"$defs": {"b": TEXT}}),
            "In context=('properties', 'a'), $ref cannot have keywords {'description'}.",
        ),
        (of({}, **{"$defs": {"a": {"type": "object"}}}), "In context=('$defs', 'a'), 'additionalProperties'"),
        (of({"a": {"enum": list(range(1001))}}), "1001 enum values in total exceeds limit of 1000."),
        (of({str(n): TEXT for n in range(5001)}), "5001 object properties total exceeds limit of 5000."),
        (of({"a" * 120_001: TEXT}), "exceeds limit of 120000."),
    ],
)
def test_what_is_not(schema, said):
    assert said in problem(schema)


MALFORMED = [
    ({"type": "object", "properties": []}, "[] is not of type 'object'."),
    ({"type": "object", "properties": {"a": 1}}, "1 is not of type 'object', 'boolean'."),
    ({"type": "object", "required": 3}, "3 is not of type 'array'."),
    ({"type": "object", "required": ["a", None]}, "None is not of type 'string'."),
    (
        {"type": "object", "properties": {"a": {"type": "string", "minLength": "x"}}},
        "'x' is not of type 'integer'.",
    ),
    ({"type": "object", "properties": {"a": {"type": "string", "enum": "x"}}}, "'x' is not of type 'array'."),
    ({"type": "object", "properties": {"a": {"type": "strin"}}}, "'strin' is not"),
    ({"type": "object", "properties": {"a": {"type": "number", "exclusiveMinimum": True}}}, "True is not of"),
    (
        {"type": "object", "properties": {"a": {"type": "array", "items": [TEXT]}}},
        "not of type 'object', 'bool",
    ),
    ({"type": "object", "properties": {"a": {"anyOf": TEXT}}}, "is not of type 'array'."),
    ({"type": "object", "$defs": [TEXT]}, "is not of type 'object'."),
]


@pytest.mark.parametrize(("schema", "said"), MALFORMED)
def test_what_is_no_json_schema_is_neither(schema, said):
    assert said in unusable(schema)
    assert said in problem({"additionalProperties": False, "required": [], "properties": {}, **schema})


def test_objects_are_ten_deep_at_most():
    schema = of({})
    for _ in range(9):
        schema = of({"a": schema})
    assert problem(schema) == ""
    assert "11 levels of nesting exceeds limit of 10." in problem(of({"a": schema}))


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "object"}, ""),
        ({"type": "object", "properties": {"a": {"type": "string", "default": "x"}, "b": {}}}, ""),
        ({"type": "object", "properties": {"a": {"type": "array", "items": {}}}}, ""),
        ({"properties": {}}, "got 'type: \"None\"'."),
        ({"type": "string"}, "got 'type: \"string\"'."),
        (
            {"type": "object", "properties": {"a": {"type": "array"}}},
            "In context=('properties', 'a'), array schema missing items.",
        ),
        (
            {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "array"}}}},
            "In context=('properties', 'a', 'items'), array schema missing items.",
        ),
        (
            {"type": "object", "$defs": {"a": {"type": "array"}}},
            "In context=('$defs', 'a'), array schema missing items.",
        ),
        (
            {"type": "object", "properties": {"a": {"anyOf": [{"type": "array"}, {"type": "null"}]}}},
            "In context=('properties', 'a', 'anyOf', '0'), array schema missing items.",
        ),
        (
            {"type": "object", "properties": {"a": {"type": ["string", "array"]}}},
            "In context=('properties', 'a', 'type', '1'), array schema missing items.",
        ),
        (
            {"type": "object", "allOf": [{"properties": {"a": {"type": "array"}}}]},
            "In context=('allOf', '0', 'properties', 'a'), array schema missing items.",
        ),
    ],
)
def test_what_the_parameters_of_any_function_are(schema, said):
    assert unusable(schema).endswith(said)
    assert bool(said) == bool(unusable(schema))
