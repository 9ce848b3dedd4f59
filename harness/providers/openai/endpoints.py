"""The endpoints for new answers: the body that each path takes, and how its answer is written."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from harness.providers.openai import embeddings, script
from harness.providers.openai.body import Body
from harness.providers.openai.completions import Written
from harness.providers.openai.embeddings import EmbeddingBody, WrittenEmbeddings
from harness.providers.openai.request import ChatBody
from harness.providers.openai.responses import body as responses
from harness.providers.openai.responses.written import WrittenResponse
from harness.providers.openai.steps import Usage


class Answer(Protocol):
    """An answer as it is sent, without its id.

    Attributes:
        usage: what it costs.
        chunks: that a stream of it would have.
    """

    usage: Usage
    chunks: int

    def document(self, ident: str) -> bytes:
        """The body of a 200."""

    def events(self, ident: str) -> list[bytes]:
        """The same as server-sent events."""


class Endpoint(NamedTuple):
    """The endpoint at one path.

    Attributes:
        path: below the API.
        body: reads a request: raw JSON, correlation, `lenient`.
        answer: writes an answer to a body of that kind, by a reply.
    """

    path: str
    body: Callable[..., Body]
    answer: Callable[[Any, Any], Answer]


ENDPOINTS = {
    each.path: each
    for each in (
        Endpoint(script.CHAT, ChatBody, Written),
        Endpoint(responses.PATH, responses.ResponseBody, WrittenResponse),
        Endpoint(embeddings.PATH, EmbeddingBody, WrittenEmbeddings),
    )
}
