"""The checks in words: the generated part of docs/openai.md."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.providers.openai.strict import overlay
from harness.providers.openai.strict.checks import RULES, shape_of
from harness.providers.openai.strict.description import version
from harness.providers.openai.strict.models import FAMILIES
from harness.providers.openai.strict.overlay import CHAT, EMBEDDING, RESPONSE
from harness.providers.openai.strict.schema_subset import FORBIDDEN

BEGIN = "<!-- what is checked: written by `python -m harness.providers.openai.strict`, from here -->"
END = "<!-- to here -->"
TITLES = {CHAT: "Chat completions", RESPONSE: "Responses", EMBEDDING: "Embeddings"}
CODES = (
    ("an unknown parameter, at any depth", "`unknown_parameter`"),
    ("a parameter that has to be there", "`missing_required_parameter`"),
    ("a wrong type, null among them", "`invalid_type`"),
    ("a value that is not listed, a string of another form", "`invalid_value`"),
    ("a number outside of its limits", "`integer_` or `decimal_`, `below_min_value` or `above_max_value`"),
    (
        "a string too long or too short",
        "`string_above_max_length`, `string_below_min_length`, `empty_string`",
    ),
    ("a list too long or too short", "`array_above_max_length`, `array_below_min_length`, `empty_array`"),
    ("an object of too many", "`object_above_max_properties`"),
)


def claim() -> str:
    """The text between the two marks.

    Raises:
        DescriptionError: it cannot be read.
    """
    return "\n".join(_lines())


def write(guide: Path) -> bool:
    """Write it into the guide; whether that changed anything.

    Raises:
        ValueError: the guide has no place for it.
    """
    text = guide.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{guide} has no {BEGIN} ... {END}")
    changed = f"{before}{BEGIN}\n\n{claim()}\n\n{END}{after}"
    guide.write_text(changed, encoding="utf-8")
    return changed != text


def _lines() -> Iterator[str]:
    yield f"By the provider's description of {version()}, every field of these requests, down to the parts of a message:"
    yield ""
    for name, title in TITLES.items():
        properties = shape_of(name).alternatives[0]["properties"]
        yield f"- {title}: {', '.join(f'`{each}`' for each in sorted(properties))}."
    yield ""
    yield "| what is wrong | code |"
    yield "| --- | --- |"
    for what, code in CODES:
        yield f"| {what} | {code} |"
    yield ""
    yield "Limits that the description has in words alone:"
    yield ""
    for where, limits in overlay.IN_WORDS.items():
        yield f"- `{where}`: {_limits(limits)}"
    null = [f"{name}.{each}" for name, parameters in overlay.NULLABLE.items() for each in parameters]
    yield ""
    yield f"May be null, whatever the description says, as recorded exchanges have it: {_listed(null)}."
    for name, title in TITLES.items():
        yield ""
        yield f"Between the fields, {title[0].lower()}{title[1:]}:"
        yield ""
        yield "| rule | parameter | code |"
        yield "| --- | --- | --- |"
        for rule in RULES[name]:
            yield f"| {rule.says} | {_code(rule.parameter)} | {_code(rule.code)} |"
    yield ""
    yield "Families of models; one of no known family takes everything:"
    yield ""
    for family in FAMILIES:
        values = "; ".join(f"`{name}` is {_listed(allowed)}" for name, allowed in family.values.items())
        yield f"- {family.name}: not {_listed(sorted(family.unsupported))}{'; ' if values else ''}{values}."
    yield ""
    yield f"A strict schema may not have {_listed(sorted(FORBIDDEN))}; its root is an object without `anyOf`, every object"
    yield "names all its properties as required and allows no others, every part has a type, every array its items, and a `$ref`"
    yield "leads to a definition of the whole and stands alone."
    yield ""
    yield f"Of the provider's own tools and their calls ({_listed(overlay.OPEN)}) only what the description knows is checked; they"
    yield "may have more."
    yield ""
    yield f"Accepted, because the SDK sends it and the description does not know it yet: {_listed(sorted(_since()))}."


def _since() -> set[str]:
    named = {name for parameters in overlay.SINCE.values() for name in parameters}
    return named | {
        value
        for values in (*overlay.VALUES_SINCE.values(), *overlay.KINDS_SINCE.values())
        for value in values
    }


def _limits(limits: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in limits.items()).replace("'", "`")


def _code(name: str | None) -> str:
    return "" if name is None else f"`{name}`"


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
