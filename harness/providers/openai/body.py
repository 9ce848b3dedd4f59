"""The content of a request, for any endpoint."""

import hashlib
from typing import Any, ClassVar

from harness.providers.correlation import Correlation
from harness.providers.openai.response_format import Format

BYTES_A_TOKEN = 4
# The longest question, in characters, that is a key of the ledger itself; a longer one is replaced by its digest.
LONGEST_KEY = 100


class Body:
    """The content of a request. Each subclass reads further fields of the raw JSON.

    Args:
        raw: JSON.
        correlation: knows where the body names its concept.
        model: that is asked.
        message: text of the last message.
        form: of the answer.
    """

    PATH: ClassVar[str] = ""  # below the API

    __slots__ = (
        "asked",
        "choice",
        "concept",
        "form",
        "format",
        "functions",
        "goes_on_from",
        "items",
        "key",
        "message",
        "model",
        "most_tokens",
        "prompt_tokens",
        "raw",
        "store",
        "streams",
        "usage_wanted",
        "written",
    )

    def __init__(self, raw: bytes, correlation: Correlation, model: str, message: str, form: Format) -> None:
        self.raw = raw
        self.model = model
        self.message = message
        self.format = form
        self.concept = correlation.named(message)
        self.asked: Any = None  # what a call asks for if its headers do not say
        self.prompt_tokens = -(-len(raw) // BYTES_A_TOKEN)
        self.written: dict[tuple[int, int], Any] = {}  # answers to it, by their author
        # Functions that may be called: each with its name, and perhaps parameters.
        self.functions: list[dict[str, Any]] = []
        self.choice: Any = None  # the function that must be called
        self.form = ""  # for a chat completion: the response_format by which it asks for JSON
        self.goes_on_from = ""  # the id of the previous response
        self.items: list[dict[str, Any]] = []  # items of the conversation, as they are given
        self.most_tokens = 0  # of the answer; 0 for no limit
        self.streams = self.usage_wanted = self.store = False
        key = f"{form.name}/{message}"
        if len(key) > LONGEST_KEY:
            key = hashlib.blake2b(key.encode(errors="replace"), digest_size=12).hexdigest()
        self.key = key
