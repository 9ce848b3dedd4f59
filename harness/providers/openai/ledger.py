"""The ledger's additional fields for calls to this provider."""

from typing import Any, ClassVar

from harness.providers import ledger


class Call(ledger.Call, kw_only=True, gc=False, omit_defaults=True):
    """One call to the provider. See ledger.Call.

    Args:
        schema: name of the JSON schema.
        model: that is asked.
        streamed: whether chunks were asked for.
        prompt_tokens: that the whole answer told the client it was billed for; completion_tokens likewise. 0 where the
            answer did not come whole.
    """

    schema: str = ""
    model: str = ""
    streamed: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Record(ledger.Record, gc=False):
    """A call as it is kept. See ledger.Record."""

    CALL: ClassVar[type[ledger.Call]] = Call

    streamed: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Totals(ledger.Totals):
    """Sums since the last reset. See ledger.Totals.

    Args:
        prompt_tokens: that whole answers were billed; completion_tokens likewise.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0

    def add(self, record: Any) -> None:
        """See ledger.Totals; of calls to this provider."""
        super().add(record)
        self.prompt_tokens += record.prompt_tokens
        self.completion_tokens += record.completion_tokens


class Ledger(ledger.Ledger[Record]):
    """One space's calls and their sums. See ledger.Ledger."""

    RECORD: ClassVar[Any] = Record
    TOTALS: ClassVar[type[ledger.Totals]] = Totals
