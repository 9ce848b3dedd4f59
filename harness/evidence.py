"""What a run left behind, as plain data: the only thing a check may look at, so that a saved run can be judged again."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that decides whether the product kept its promise.

    Args:
        calls: the clients' calls, as the journal has them.
        requests: rows of roadmap_requests.
        roadmaps: rows of roadmaps.
        steps: rows of generation_steps.
        events: rows of execution_logs.
        outbox: rows of outbox.
        provider_calls: what the scripted provider recorded.
        waiting: messages left in the broker, by queue.
        logs: a node's name -> the lines it wrote.
        secrets: name -> value of what no log may show.
        max_step_attempts: calls allowed for one step of one concept.
    """

    calls: list[Row] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)
    roadmaps: list[Row] = field(default_factory=list)
    steps: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    provider_calls: list[Row] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)
    logs: dict[str, list[str]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    max_step_attempts: int = 3

    def accepted(self) -> set[str]:
        """The roadmaps that a client was promised."""
        return {call["roadmap_id"] for call in self.calls if call.get("roadmap_id")}
