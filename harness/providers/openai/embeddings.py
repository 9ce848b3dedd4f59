"""Embeddings: vectors that are the same every time, and near one another where the texts are.

A text's features are its words and their groups of three letters; each feature adds or subtracts one at a few places of the
vector that its hash names. Texts that share most of their features have similar vectors (feature hashing: Weinberger
et al., Feature Hashing for Large Scale Multitask Learning, ICML 2009).
"""

import base64
import hashlib
import math
import re
import sys
from array import array
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from harness.providers.correlation import Correlation
from harness.providers.errors import RefusedError
from harness.providers.exchange import encode
from harness.providers.openai.body import Body
from harness.providers.openai.request import decoded
from harness.providers.openai.response_format import TEXT
from harness.providers.openai.steps import Reply, Usage
from harness.providers.openai.strict import checks
from harness.providers.openai.strict.embedding_rules import FIXED, LONGEST, inputs, tokens
from harness.providers.openai.strict.overlay import EMBEDDING

PATH = "/embeddings"
USUAL = 1536  # numbers in a vector of an unknown model
PLACES = 8  # places of a vector that one feature changes
WORD_WEIGHT, LETTERS_WEIGHT = 2.0, 1.0
WORD = re.compile(r"\w+")
Input = str | list[int]


class EmbeddingRequest(msgspec.Struct):
    """The part of the body that an answer depends on; `strict` checks the rest."""

    model: str
    input: str | list[Any]
    dimensions: Annotated[int, msgspec.Meta(ge=1, le=8192)] | None = None
    encoding_format: Literal["float", "base64"] | None = None


_decoder = msgspec.json.Decoder(EmbeddingRequest)


class EmbeddingBody(Body):
    """The content of a request for embeddings.

    Args:
        raw: JSON.
        correlation: knows where it names what it is about.
        lenient: accept everything that can be answered.

    Raises:
        RefusedError: as the provider would find it.
    """

    PATH: ClassVar[str] = PATH

    __slots__ = ("inputs", "packed", "size")

    def __init__(self, raw: bytes, correlation: Correlation, *, lenient: bool) -> None:
        if not lenient:
            checks.check(EMBEDDING, checks.parsed(raw))
        said = decoded(_decoder, raw)
        self.inputs: list[Input] = inputs(msgspec.structs.asdict(said))
        if not all(isinstance(each, str | list) for each in self.inputs):
            raise RefusedError(
                "Invalid type for 'input': texts, or lists of tokens.", "input", "invalid_type"
            )
        last = self.inputs[-1] if self.inputs else ""
        super().__init__(raw, correlation, said.model, last if isinstance(last, str) else "", TEXT)
        self.packed = said.encoding_format == "base64"
        self.size = said.dimensions or {**LONGEST, **FIXED}.get(said.model, USUAL)


class WrittenEmbeddings:
    """The answer; it has no id.

    Args:
        body: of the request.
        reply: its cost; vectors can only be scripted by a whole `body`.
    """

    __slots__ = ("_document", "chunks", "usage")

    def __init__(self, body: EmbeddingBody, reply: Reply) -> None:
        self.usage = reply.usage or Usage(sum(tokens(each) for each in body.inputs), 0)
        self.chunks = 1
        found = [vector(each, body.size) for each in body.inputs]
        data = [
            {
                "object": "embedding",
                "index": number,
                "embedding": _packed(each) if body.packed else list(each),
            }
            for number, each in enumerate(found)
        ]
        spent = self.usage.prompt_tokens
        usage = {"prompt_tokens": spent, "total_tokens": spent}
        self._document = encode({"object": "list", "data": data, "model": body.model, "usage": usage})

    def document(self, ident: str) -> bytes:
        """The body of a 200."""
        del ident
        return self._document

    def events(self, ident: str) -> list[bytes]:
        """The same; there is no stream of embeddings."""
        return [self.document(ident)]


def vector(given: Input, size: int) -> "array[float]":
    """The vector of a text, or of tokens, of length one.

    Args:
        given: of it.
        size: numbers.
    """
    found = [0.0] * size
    for feature, weight in _features(given):
        digest = hashlib.blake2b(feature.encode(errors="replace"), digest_size=4 * PLACES).digest()
        for at in range(0, len(digest), 4):
            number = int.from_bytes(digest[at : at + 4], "big")
            found[(number >> 1) % size] += weight if number & 1 else -weight
    length = math.hypot(*found)
    if not length:
        found[0] = length = 1.0
    return array("f", (each / length for each in found))


def _features(given: Input) -> Iterator[tuple[str, float]]:
    if not isinstance(given, str):
        yield from ((f"token {each}", WORD_WEIGHT) for each in given)
        return
    words = WORD.findall(given.casefold()) or [given]
    for word in words:
        yield word, WORD_WEIGHT
        around = f" {word} "
        yield from ((around[at : at + 3], LETTERS_WEIGHT) for at in range(len(around) - 2))


def _packed(found: "array[float]") -> str:
    """The vector in the SDK's form: little-endian floats of four bytes, in base64."""
    if sys.byteorder == "big":
        found = found[:]
        found.byteswap()
    return base64.b64encode(found.tobytes()).decode()
