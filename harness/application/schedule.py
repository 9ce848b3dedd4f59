"""The tasks that Celery's beat starts by the clock, which no user asked for."""

from dataclasses import dataclass

from harness.application.error import DeclarationError
from harness.application.work import Calls

OF_ONE = (":id", "$1", "{id}", "{nonce}")  # a task of the schedule belongs to no piece of work


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One task of the schedule.

    Args:
        task: its name.
        effect: what it does once in each slot of the schedule: calls of a provider, or SQL that counts it.
        repeatable: whether it may safely run again in the same slot.
    """

    task: str
    effect: Calls | str | None = None
    repeatable: bool = False

    def __post_init__(self) -> None:
        if (self.effect is None) != self.repeatable:
            raise DeclarationError(
                f"schedule {self.task}: say what it does once a slot, by effect=calls(...) or SQL that counts it, or repeatable=True"
            )
        said = self.effect.body if isinstance(self.effect, Calls) else self.effect or ""
        for word in OF_ONE:
            if word in said:
                raise DeclarationError(
                    f"schedule {self.task}: {word} in its effect stands for nothing: it is about no piece of work"
                )
