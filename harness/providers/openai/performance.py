"""Playing a step as this provider does: what it would have sent, and what the client has been billed."""

from typing import ClassVar

from harness.providers import performance, score
from harness.providers.openai.completions import DONE
from harness.providers.openai.ledger import Record
from harness.providers.openai.steps import Usage


class Score(score.Score):
    """What there is to send. See score.Score.

    Args:
        parts: see score.Score; so are the next two.
        usage: that the whole of it tells the client.
    """

    __slots__ = ("usage",)

    def __init__(
        self,
        parts: list[bytes],
        gaps: list[float] | None = None,
        *,
        streamed: bool = False,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(parts, gaps, streamed=streamed)
        self.usage = usage


class Performance(performance.Performance[Record, Score]):
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
