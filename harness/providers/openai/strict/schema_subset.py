"""The subset of JSON Schema that a strict schema may use: https://platform.openai.com/docs/guides/structured-outputs, "Supported schemas"."""

from collections.abc import Iterator, Mapping
from typing import Any

MOST_DEPTH = 10  # levels of objects within one another
MOST_PROPERTIES = 5_000
MOST_NAMES = 120_000  # characters of all names and values of enums
MOST_VALUES = 1_000  # of all enums
FORBIDDEN = frozenset(
    {
        *("allOf", "oneOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else"),
        *("patternProperties", "propertyNames", "unevaluatedProperties", "unevaluatedItems"),
        *(
            "minProperties",
            "maxProperties",
            "contains",
            "minContains",
            "maxContains",
            "uniqueItems",
            "prefixItems",
        ),
    }
)
FORMATS = ("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid")
TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
DEFINITIONS = ("$defs", "definitions")
DEEP = 2  # slashes of a reference to a definition of the whole


def problem(schema: Mapping[str, Any]) -> str:
    """What keeps a schema from being strict, in the provider's words; '' where nothing does."""
    if "anyOf" in schema or schema.get("type") != "object":
        return _no_object(schema)
    return malformed(schema) or next(_problems(schema, (), 0), "") or _misled(schema) or _too_much(schema)


def unusable(schema: Mapping[str, Any]) -> str:
    """What keeps a schema from being that of a function's parameters, strict or not, in the provider's words; '' where nothing does."""
    if schema.get("type") != "object":
        return _no_object(schema)
    return malformed(schema) or next(_itemless(schema, ()), "")


def malformed(schema: Mapping[str, Any]) -> str:
    """What keeps a schema from being JSON Schema at all, in the provider's words; '' where nothing does."""
    import jsonschema  # imported here, because it takes a seventh of a second

    validator = jsonschema.Draft202012Validator(jsonschema.Draft202012Validator.META_SCHEMA)
    error = next(validator.iter_errors(schema), None)
    if error is None:
        return ""
    if error.validator == "anyOf":  # only a type has a choice
        return f"In context={tuple(map(str, error.path))[:-1]!r}, {error.instance!r} is not a valid type."
    return f"{error.message}."


def _no_object(schema: Mapping[str, Any]) -> str:
    said = "None" if schema.get("type") is None else schema["type"]
    return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{said}\"'."


def _itemless(node: Any, path: tuple[str, ...]) -> Iterator[str]:
    """Arrays without the type of their items."""
    if not isinstance(node, dict):
        return
    kinds = node.get("type")
    if "items" not in node and (kinds == "array" or (isinstance(kinds, list) and "array" in kinds)):
        where = (*path, "type", str(kinds.index("array"))) if isinstance(kinds, list) else path
        yield f"In context={where!r}, array schema missing items."
    for name, each in _below(node):
        yield from _itemless(each, (*path, *name))


def _problems(node: Any, path: tuple[str, ...], depth: int) -> Iterator[str]:
    where = f"In context={path!r}"
    if not isinstance(node, dict):
        yield f"{where}, a schema must be an object."
        return
    for name in node:
        if name in FORBIDDEN:
            yield f"{where}, '{name}' is not permitted."
    for name in DEFINITIONS:
        for key, each in _parts(node, name).items():
            yield from _problems(each, (*path, name, key), 0)
    if "$ref" in node:
        yield from _referring(node, where)
        return
    if "anyOf" in node:
        choices = node["anyOf"] if isinstance(node["anyOf"], list) else [None]
        for number, each in enumerate(choices):
            yield from _problems(each, (*path, "anyOf", str(number)), depth)
        return
    yield from _typed(node, path, depth)


def _referring(node: Mapping[str, Any], where: str) -> Iterator[str]:
    if not node["$ref"].startswith("#"):
        yield f"{where}, reference to component '{node['$ref']}' which was not found in the schema."
    elif beside := sorted(node.keys() - {"$ref", *DEFINITIONS}):
        yield f"{where}, $ref cannot have keywords {{{', '.join(map(repr, beside))}}}."


def _typed(node: Mapping[str, Any], path: tuple[str, ...], depth: int) -> Iterator[str]:
    where = f"In context={path!r}"
    kinds = node.get("type")
    if kinds is None:
        if not ("enum" in node or "const" in node):
            yield f"{where}, schema must have a 'type' key."
        return
    kinds = kinds if isinstance(kinds, list) else [kinds]
    for kind in kinds:
        if kind not in TYPES:
            yield f"{where}, '{kind}' is not a valid type."
    if "object" in kinds:
        yield from _object(node, path, depth + 1)
    if "array" in kinds:
        if "items" not in node:
            yield f"{where}, array schema missing items."
        else:
            yield from _problems(node["items"], (*path, "items"), depth)
    if node.get("format", FORMATS[0]) not in FORMATS:
        yield f"{where}, '{node['format']}' is not a valid format."


def _object(node: Mapping[str, Any], path: tuple[str, ...], depth: int) -> Iterator[str]:
    where = f"In context={path!r}"
    if depth > MOST_DEPTH:
        yield f"{where}, {depth} levels of nesting exceeds limit of {MOST_DEPTH}."
        return
    if node.get("additionalProperties") is not False:
        yield f"{where}, 'additionalProperties' is required to be supplied and to be false."
    properties, required = _parts(node, "properties"), node.get("required")
    must = "'required' is required to be supplied and to be an array including every key in properties."
    missing = next((name for name in properties if name not in (required or ())), None)
    if missing is not None:
        yield f"{where}, {must} Missing '{missing}'."
    extra = next((name for name in required or () if name not in properties), None)
    if extra is not None:
        yield f"{where}, {must} Extra required key '{extra}' supplied."
    for name, each in properties.items():
        yield from _problems(each, (*path, "properties", name), depth)


def _too_much(schema: Mapping[str, Any]) -> str:
    """The limit on the whole schema that is exceeded; '' for none."""
    properties, values, characters = 0, 0, 0
    for _, node in _all(schema):
        names = [*_parts(node, "properties"), *(name for each in DEFINITIONS for name in _parts(node, each))]
        enum = node["enum"] if isinstance(node.get("enum"), list) else []
        properties += len(_parts(node, "properties"))
        values += len(enum)
        characters += sum(map(len, names)) + sum(len(str(value)) for value in enum)
    counted = (
        (properties, MOST_PROPERTIES, "object properties total"),
        (values, MOST_VALUES, "enum values in total"),
        (characters, MOST_NAMES, "characters of names and enum values in total"),
    )
    return next(
        (f"{found} {what} exceeds limit of {most}." for found, most, what in counted if found > most), ""
    )


def _misled(schema: Mapping[str, Any]) -> str:
    """A reference that leads nowhere, or not to a definition of the whole; '' for none."""
    there = {f"#/{name}/{key}" for name in DEFINITIONS for key in _parts(schema, name)}
    for path, node in _all(schema):
        reference = node.get("$ref", "#")
        if reference == "#" or reference.replace("~1", "/").replace("~0", "~") in there:
            continue
        where = f"In context={path!r}, reference"
        if any(reference.startswith(f"#/{name}/") and reference.count("/") == DEEP for name in DEFINITIONS):
            return f"{where} to component '{reference}' which was not found in the schema."
        return f"{where} can only point to definitions defined at the top level of the schema."
    return ""


def _all(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Every schema in a schema, with its place."""
    if not isinstance(node, dict):
        return
    yield path, node
    for name, each in _below(node):
        yield from _all(each, (*path, *name))


def _below(node: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The schemas of which one consists."""
    for name in ("properties", *DEFINITIONS):
        for key, each in _parts(node, name).items():
            yield (name, key), each
    for name in ("anyOf", "oneOf", "allOf"):
        for number, each in enumerate(node.get(name) or ()):
            yield (name, str(number)), each
    yield ("items",), node.get("items")


def _parts(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = node.get(name)
    return found if isinstance(found, dict) else {}
