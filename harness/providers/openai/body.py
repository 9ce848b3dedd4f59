"""What a request says, whichever endpoint it is for."""

import hashlib
from typing import Any, ClassVar

from harness.providers.correlation import Correlation
from harness.providers.openai.response_format import Format

BYTES_A_TOKEN = 4
# Characters of a question that stand for themselves in the ledger; of a longer one, its digest.
LONGEST_KEY = 100


class Body:
    """What a request says. A kind of it reads the rest of the raw JSON, and then says what it found.

    Args:
        raw: JSON.
        correlation: knows where it names what it is about.
        model: that is asked.
        message: the last one, in words.
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
        self.asked: Any = None  # by a call whose headers say nothing of it
        self.prompt_tokens = -(-len(raw) // BYTES_A_TOKEN)
        self.written: dict[tuple[int, int], Any] = {}  # answers to it, by whoever has written them
        # Functions that may be called: each with its name, and perhaps parameters.
        self.functions: list[dict[str, Any]] = []
        self.choice: Any = None  # which of them has to be
        self.form = ""  # of a chat completion: by which response_format it asks for JSON
        self.goes_on_from = ""  # the id of a response before it
        self.items: list[dict[str, Any]] = []  # of the conversation, as they are given
        self.most_tokens = 0  # of the answer; 0 for no limit
        self.streams = self.usage_wanted = self.store = False
        key = f"{form.name}/{message}"
        if len(key) > LONGEST_KEY:
            key = hashlib.blake2b(key.encode(errors="replace"), digest_size=12).hexdigest()
        self.key = key
