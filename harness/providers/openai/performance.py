"""Plays a step of this provider, and records the tokens that the client was billed."""

from typing import ClassVar

from harness.providers import performance
from harness.providers.openai.completions import DONE
from harness.providers.openai.ledger import Record
from harness.providers.score import Score


class Performance(performance.Performance[Record]):
    """One call being answered. See performance.Performance."""

    __slots__ = ()

    BAD_JSON: ClassVar[bytes] = b'{"id": "chatcmpl-1", "object": "chat.completion", "choices": [{"index"'
    BAD_EVENT: ClassVar[bytes] = b'data: {"id": "chatcmpl-1", "choi\n\n'
    LAST_EVENT: ClassVar[bytes] = DONE

    def _end_whole(self, outcome: str, score: Score) -> None:
        """See performance.Performance; the client knows now what it cost."""
        if score.usage is not None and not self._exchange.abandoned:
            self._record.prompt_tokens = score.usage.prompt_tokens
            self._record.completion_tokens = score.usage.completion_tokens
        super()._end_whole(outcome, score)
