"""Rules between a request for a chat completion and the model that is asked: the parameters, inputs and outputs of its family."""

from collections.abc import Callable, Mapping

from harness.providers.openai.strict import wrong
from harness.providers.openai.strict.models import (
    WITHOUT_EARS,
    WITHOUT_EYES,
    WITHOUT_SCHEMAS,
    WITHOUT_SYSTEM,
    base_of,
    family_of,
    most_tokens,
)
from harness.providers.openai.strict.rule import Body, Broken, Rule

PICTURE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
SOUND = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}
SCHEMA = {"name": "a", "schema": {"type": "object"}}
SAME: Mapping[str, str] = {}


def _no_schemas(body: Body) -> Broken | None:
    wanted = body.get("response_format")
    if wanted is None or wanted["type"] != "json_schema" or not WITHOUT_SCHEMAS.match(base_of(body["model"])):
        return None
    said = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
    return Broken("response_format", said)


def _deaf(body: Body) -> Broken | None:
    if not WITHOUT_EARS.match(base_of(body["model"])):
        return None
    for number, message in enumerate(body["messages"]):
        content = message.get("content")
        if isinstance(content, list) and any(part.get("type") == "input_audio" for part in content):
            said = "Content blocks are expected to be either text or image_url type."
            return Broken(f"messages[{number}]", f"Invalid 'messages[{number}]'. {said}")
    return None


def _blind(body: Body) -> Broken | None:
    if not WITHOUT_EYES.match(base_of(body["model"])):
        return None
    for number, message in enumerate(body["messages"]):
        content = message.get("content")
        for at, part in enumerate(content if isinstance(content, list) else ()):
            if part["type"] == "image_url":
                said = "Invalid content type. image_url is only supported by certain models."
                return Broken(f"messages.[{number}].content.[{at}].type", said)
    return None


def _too_long(body: Body) -> Broken | None:
    most = most_tokens(body["model"])
    for name in ("max_tokens", "max_completion_tokens"):
        asked = body.get(name)
        if most is not None and asked is not None and asked > most:
            said = f"This model supports at most {most} completion tokens, whereas you provided {asked}."
            return Broken(name, f"{name} is too large: {asked}. {said}")
    return None


def _web_search(body: Body) -> Broken | None:
    if (
        body.get("web_search_options") is None
        or "search" in body["model"]
        or family_of(body["model"]) is None
    ):
        return None
    return Broken("web_search_options", "Web search options not supported with this model.")


def _role(body: Body) -> Broken | None:
    """The first reasoning models have neither a system's nor a developer's message."""
    if not WITHOUT_SYSTEM.match(base_of(body["model"])):
        return None
    for number, message in enumerate(body["messages"]):
        where = f"messages[{number}].role"
        if message["role"] in ("system", "developer"):
            said = f"Unsupported value: '{where}' does not support '{message['role']}' with this model."
            return Broken(where, said)
    return None


def unsupported(
    values: Callable[[Body], Body], *, only_default: bool, called: Mapping[str, str] = SAME
) -> Callable[[Body], Broken | None]:
    """A parameter that the model's family does not take.

    Args:
        values: of a request, by the names of models.Family.
        only_default: look for families that refuse the value, not for those that refuse the parameter.
        called: the parameter's name in the request, where it is another one.
    """

    def find(body: Body) -> Broken | None:
        family = family_of(body.get("model") or "")
        if family is None:
            return None
        for name, value in values(body).items():
            default = family.unsupported.get(name, value)
            if value is None or value == default or (isinstance(value, bool) and value is default):
                continue
            by_value = family.only_default and default is not None and name not in family.instead
            if by_value is not only_default:
                continue
            name = called.get(name, name)  # noqa: PLW2901 - as the client knows it
            if by_value:
                said = f"Unsupported value: '{name}' does not support {value} with this model."
                return Broken(name, f"{said} Only the default ({default}) value is supported.")
            other = f" Use '{family.instead[name]}' instead." if name in family.instead else ""
            return Broken(name, f"Unsupported parameter: '{name}' is not supported with this model.{other}")
        return None

    return find


def unsupported_value(
    values: Callable[[Body], Body], sentence: str, *, called: Mapping[str, str] = SAME
) -> Callable[[Body], Broken | None]:
    """A value that the model's family does not take.

    Args:
        values: see `unsupported`.
        sentence: that says so, with the `name` and the `value` of the parameter and the `model`.
        called: see `unsupported`.
    """

    def find(body: Body) -> Broken | None:
        model = body.get("model") or ""
        family = family_of(model)
        for name, allowed in family.values.items() if family else ():
            value = values(body).get(name)
            if value is not None and value not in allowed:
                supported = wrong.listed([f"'{each}'" for each in allowed])
                what = sentence.format(name=name, value=value, model=model)
                said = f"Unsupported value: {what} Supported values are: {supported}."
                return Broken(called.get(name, name), said)
        return None

    return find


def _same(body: Body) -> Body:
    return body


RULES = (
    Rule(
        "a `json_schema` only with a model that knows them",
        None,
        _no_schemas,
        {
            "model": "gpt-3.5-turbo",
            "response_format": {"type": "json_schema", "json_schema": SCHEMA},
        },
        "response_format",
        {
            "model": "gpt-4o-mini",
            "response_format": {"type": "json_schema", "json_schema": SCHEMA},
        },
    ),
    Rule(
        "`input_audio` not to a model that cannot hear",
        "invalid_value",
        _deaf,
        {"model": "gpt-5-mini", "messages": [{"role": "user", "content": [SOUND]}]},
        "messages[0]",
        {"model": "gpt-4o-audio-preview", "messages": [{"role": "user", "content": [SOUND]}]},
    ),
    Rule(
        "`image_url` not to a model that cannot see",
        None,
        _blind,
        {"model": "gpt-3.5-turbo", "messages": [{"role": "user", "content": [PICTURE]}]},
        "messages.[0].content.[0].type",
        {"messages": [{"role": "user", "content": [PICTURE]}]},
    ),
    Rule(
        "no more tokens of an answer than the model gives",
        "invalid_value",
        _too_long,
        {"max_completion_tokens": 16_385},
        "max_completion_tokens",
        {"max_completion_tokens": 16_384},
    ),
    Rule(
        "`web_search_options` only with a model that searches",
        None,
        _web_search,
        {"web_search_options": {}},
        "web_search_options",
        {"web_search_options": {}, "model": "gpt-4o-search-preview"},
    ),
    Rule(
        "no message of the role `system` or `developer` to `o1-mini` and `o1-preview`",
        "unsupported_value",
        _role,
        {"model": "o1-mini", "messages": [{"role": "system", "content": "hi"}]},
        "messages[0].role",
        {"model": "o1", "messages": [{"role": "system", "content": "hi"}]},
    ),
    Rule(
        "no parameter that the model's family does not take: see the families below",
        "unsupported_parameter",
        unsupported(_same, only_default=False),
        {"model": "o3-mini", "max_tokens": 5},
        "max_tokens",
        {"model": "o3-mini", "max_completion_tokens": 5},
    ),
    Rule(
        "nothing but the default, where the family leaves no choice",
        "unsupported_value",
        unsupported(_same, only_default=True),
        {"model": "gpt-5-mini", "temperature": 0.2},
        "temperature",
        {"model": "gpt-5-mini", "temperature": 1},
    ),
    Rule(
        "no value that the family does not know",
        "unsupported_value",
        unsupported_value(_same, "'{name}' does not support '{value}' with this model."),
        {"model": "o3", "reasoning_effort": "minimal"},
        "reasoning_effort",
        {"model": "o3", "reasoning_effort": "low"},
    ),
)
