"""The results of a call to the provider: an answer or an error. They stand apart from the provider, whose SDK is slow to import."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from app.roadmaps.account import Refusal
from app.schemas.content import StructuredOutput

Output = TypeVar("Output", bound=StructuredOutput)


class ProviderError(Exception):
    """A call without a usable answer.

    Args:
        code: a word for the kind of failure.
        message: for the owner of the roadmap, without the provider's own text.
        transient: whether another try may succeed.
        retry_after: seconds the provider asked us to wait, if it did.
        cost: of an answer that cannot be used, which must still be paid.
        refused: what the provider refuses our account, if that is the reason.
        unknown: whether the call may have an unknown cost: it was sent, and its answer was never read.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        transient: bool,
        retry_after: float | None = None,
        cost: "Cost | None" = None,
        refused: Refusal | None = None,
        unknown: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.transient = transient
        self.retry_after = retry_after
        self.cost = cost or Cost()
        self.refused = refused
        self.unknown = unknown

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "message": str(self)}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call has cost, in tokens."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __bool__(self) -> bool:
        return bool(self.prompt_tokens or self.completion_tokens)


@dataclass(frozen=True, slots=True)
class Answer(Generic[Output]):
    """A checked answer and its cost."""

    value: Output
    cost: Cost
