"""The accepted work and its outcome, for an application that has no ledger of its own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from harness.application import App, Work
from harness.evidence.evidence import Evidence

STARTED = "task-started"


class Ledger(Protocol):
    """The interface of a ledger, the application's own or the harness's."""

    def sums(self) -> dict[str, Any]:
        """At least `accepted` and `more_than_one_attempt`: how many requests."""

    def ends(self) -> dict[str, int]:
        """Status -> requests that have it."""


@dataclass(frozen=True, slots=True)
class CallLedger:
    """A ledger that is made of clients' answers, workers' task events, and the states of the work.

    Args:
        evidence: of a run, live or saved.
        works: kinds of work that are counted.
    """

    evidence: Evidence
    works: Sequence[Work]

    @classmethod
    def of(cls, app: App, evidence: Evidence) -> Self:
        """The ledger of all work of an application."""
        return cls(evidence, app.works)

    def sums(self) -> dict[str, Any]:
        """See Ledger."""
        started = Counter(
            (work.id, task[work.id])
            for task in self.evidence.records("task")
            for work in self.works
            if task["type"] == STARTED and task.get(work.id)
        )
        return {
            "accepted": sum(len(self.evidence.accepted(work.id)) for work in self.works),
            "more_than_one_attempt": sum(times > 1 for times in started.values()),
        }

    def ends(self) -> dict[str, int]:
        """See Ledger."""
        states = (state for by_id in self.evidence.states.values() for state in by_id.values())
        return dict(Counter(state or "gone" for state in states))


def ledger_of(app: App, evidence: Evidence) -> Any:
    """The application's own ledger, or one of calls; see Ledger.

    Args:
        app: whose ledger it is.
        evidence: of a run, live or saved.
    """
    return app.ledger(evidence) if app.ledger is not None else CallLedger.of(app, evidence)
