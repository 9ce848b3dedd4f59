"""Rules between the fields of a request for embeddings."""

from typing import Any

from harness.providers.openai.body import BYTES_A_TOKEN
from harness.providers.openai.strict.rule import Body, Broken, Rule

LONGEST = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072}  # vectors of a model, in numbers
FIXED = {"text-embedding-ada-002": 1536}
MOST_TOKENS = 8192  # of one input
MOST_AT_ONCE = 300_000  # of all inputs of one request


def inputs(body: Body) -> list[Any]:
    """One by one: texts, or lists of tokens."""
    given = body["input"]
    return [given] if isinstance(given, str) or (given and isinstance(given[0], int)) else given


def _empty(body: Body) -> Broken | None:
    if all(inputs(body)):
        return None
    return Broken("input", "Invalid 'input': input cannot be an empty string.")


def _too_long(body: Body) -> Broken | None:
    longest = max(map(tokens, inputs(body)))
    if longest <= MOST_TOKENS:
        return None
    said = f"This model's maximum context length is {MOST_TOKENS} tokens, however you requested {longest} tokens."
    return Broken("input", said)


def _too_much(body: Body) -> Broken | None:
    asked = sum(map(tokens, inputs(body)))
    if asked <= MOST_AT_ONCE:
        return None
    return Broken(None, f"Requested {asked} tokens, max {MOST_AT_ONCE} tokens per request.")


def tokens(one: Any) -> int:
    """How many an input has, as `usage` says it too."""
    return len(one) if isinstance(one, list) else -(-len(one.encode(errors="replace")) // BYTES_A_TOKEN)


def _dimensions(body: Body) -> Broken | None:
    if body.get("dimensions") is None or body["model"] not in FIXED:
        return None
    return Broken(None, "This model does not support specifying dimensions.")


def _too_many(body: Body) -> Broken | None:
    asked, most = body.get("dimensions"), LONGEST.get(body["model"])
    if asked is None or most is None or asked <= most:
        return None
    return Broken(
        "dimensions", f"Invalid value for 'dimensions' = {asked}. Must be less than or equal to {most}."
    )


RULES = (
    Rule("no empty text", None, _empty, {"input": ["a", ""]}, "input", {"input": ["a", "b"]}),
    Rule(
        f"{MOST_TOKENS} tokens at most in one input",
        None,
        _too_long,
        {"input": [[1] * (MOST_TOKENS + 1)]},
        "input",
        {"input": [[1, 2, 3]]},
    ),
    Rule(
        f"{MOST_AT_ONCE} tokens at most in all inputs together",
        "max_tokens_per_request",
        _too_much,
        {"input": ["a" * BYTES_A_TOKEN * MOST_TOKENS] * (MOST_AT_ONCE // MOST_TOKENS + 1)},
        None,
        {"input": ["a" * BYTES_A_TOKEN * MOST_TOKENS] * 2},
    ),
    Rule(
        "`dimensions` not for `text-embedding-ada-002`",
        None,
        _dimensions,
        {"model": "text-embedding-ada-002", "dimensions": 8},
        None,
        {"model": "text-embedding-3-small", "dimensions": 8},
    ),
    Rule(
        "no more `dimensions` than the model has",
        None,
        _too_many,
        {"dimensions": 1537},
        "dimensions",
        {"dimensions": 1536},
    ),
)
