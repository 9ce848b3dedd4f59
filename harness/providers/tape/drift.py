"""Where recorded exchanges and the provider's description disagree: one of them is older, or our strictness is wrong."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from harness.providers.errors import RefusedError
from harness.providers.openai.strict import checks
from harness.providers.openai.strict.description import schemas
from harness.providers.openai.strict.overlay import CHAT, EMBEDDING, RESPONSE
from harness.providers.openai.strict.shape import Shape
from harness.providers.openai.strict.wrong import WrongError
from harness.providers.tape.exchange import Exchange, readable

OK, BAD_REQUEST = 200, 400
CHUNK, EVENT = "CreateChatCompletionStreamResponse", "ResponseStreamEvent"
# Path -> schemas of the request, of the whole answer, and of one event.
KNOWN = {
    "/chat/completions": (CHAT, "CreateChatCompletionResponse", CHUNK),
    "/responses": (RESPONSE, "Response", EVENT),
    "/embeddings": (EMBEDDING, "CreateEmbeddingResponse", ""),
}


def drift(name: str, exchange: Exchange) -> Iterator[str]:
    """The differences in one exchange, a sentence each; none for other paths.

    Args:
        name: of its file.
        exchange: as recorded.
    """
    path = exchange.asked.path.partition("?")[0]
    known = next((each for end, each in KNOWN.items() if path.endswith(end)), None)
    if known is None or exchange.asked.method != "POST":
        return
    asked, whole, event = known
    status = exchange.answered.status
    try:
        checks.check(asked, exchange.asked.body)
    except RefusedError as error:
        if status == OK:
            yield f"{name}: the provider has accepted what we would refuse: {error.message}"
    else:
        if status == BAD_REQUEST:
            yield f"{name}: the provider has refused what we would accept: {_message(exchange)}"
    if status == OK:
        documents = _documents(exchange, whole, event)
        found = Counter((schema, _problem(schema, document)) for schema, document in documents)
        for (schema, said), count in found.items():
            if said:
                times = f" ({count} times)" if count > 1 else ""
                yield f"{name}: an answer that is not as described ({schema}): {said}{times}"


def _documents(exchange: Exchange, whole: str, event: str) -> Iterator[tuple[str, Any]]:
    """The parts of the answer, each with its schema; as text where it is no JSON."""
    text = exchange.answered.body().decode(errors="replace")
    if not text.startswith(("data:", "event:", ":")):
        yield whole, readable(text.encode())
        return
    for line in text.splitlines():
        data = line.removeprefix("data:").strip()
        if line.startswith("data:") and data != "[DONE]":
            yield event, readable(data.encode())


def _message(exchange: Exchange) -> str:
    try:
        said = json.loads(exchange.answered.body())["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return exchange.answered.body()[:200].decode(errors="replace")
    return str(said)


def _problem(name: str, document: Any) -> str:
    """The difference from the description; '' for none."""
    try:
        _shape(name).check(document)
    except WrongError as error:
        # The description of chunks does not say that their parts may be null, but the provider sends most of them as null.
        if name == CHUNK and "got null" in error.said:
            return ""
        return error.said.replace("{}", error.parameter or "the whole")
    return ""


@lru_cache(maxsize=8)
def _shape(name: str) -> Shape:
    known = schemas(name)
    return Shape(known[name], known)
