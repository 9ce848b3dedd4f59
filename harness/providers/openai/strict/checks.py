"""The checks of a strict provider for a request's body: the description's types and limits first, then the rules between fields."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from harness.providers.errors import RefusedError
from harness.providers.openai.strict import chat_rules, embedding_rules, response_rules
from harness.providers.openai.strict.description import schemas
from harness.providers.openai.strict.overlay import CHAT, EMBEDDING, RESPONSE
from harness.providers.openai.strict.rule import Rule
from harness.providers.openai.strict.shape import Shape
from harness.providers.openai.strict.wrong import UNRECOGNISED, WrongError

RULES: dict[str, tuple[Rule, ...]] = {
    CHAT: chat_rules.RULES,
    RESPONSE: response_rules.RULES,
    EMBEDDING: embedding_rules.RULES,
}
Checked = Callable[[Any], None]


@lru_cache(maxsize=8)
def shape_of(name: str) -> Shape:
    """The shape of a request.

    Args:
        name: of the schema in the description.

    Raises:
        DescriptionError: it cannot be read.
    """
    found = schemas(name)
    return Shape(found[name], found)


def check(name: str, body: Any) -> None:
    """Check that the provider would accept a request.

    Args:
        name: of its schema in the description.
        body: parsed JSON.

    Raises:
        RefusedError: it would not; in the provider's words.
        DescriptionError: the description cannot be read.
    """
    try:
        shape_of(name).check(body)
    except WrongError as error:
        refusal = error.refusal()
        if name == CHAT and error.code == "unknown_parameter" and len(error.path) == 1:
            refusal.message = UNRECOGNISED.format(error.parameter)
        raise refusal from None
    broken(RULES[name], body)


def broken(rules: Sequence[Rule], body: dict[str, Any]) -> None:
    """Check that no rule is broken; of several, the first one is reported.

    Raises:
        RefusedError: a rule is broken.
    """
    for rule in rules:
        found = rule.find(body)
        if found is not None:
            raise RefusedError(found.said, found.parameter, rule.code)


def parsed(raw: bytes) -> Any:
    """The JSON of a body.

    Raises:
        RefusedError: the body is no JSON.
    """
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RefusedError("We could not parse the JSON body of your request.") from None
