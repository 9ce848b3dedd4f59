"""What a run left behind, as plain data: the only thing a check may look at, so that a saved run can be judged again."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
TABLES = {  # field of Evidence -> table
    "requests": "roadmap_requests",
    "roadmaps": "roadmaps",
    "steps": "generation_steps",
    "events": "execution_logs",
    "outbox": "outbox",
}


def asked_for(call: Row) -> tuple[str, str, str]:
    """Which row of generation_steps a provider's call belongs to: request, step and concept, '' for none.

    Runs that were saved before concepts had ids of the product's own have the id as the concept.
    """
    return call["request"], call["step"], call.get("concept_id", call["concept"]) or ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that decides whether the product kept its promise. Rows hold what JSON has: ids and times are text.

    Args:
        journal: of the scenario; see harness.journal.
        requests: rows of roadmap_requests.
        roadmaps: rows of roadmaps.
        steps: rows of generation_steps.
        events: rows of execution_logs.
        outbox: rows of outbox.
        others: the rows of every other table, by its name.
        waiting: messages left in the broker, by queue.
        logs: a node's name -> the lines it wrote in the scenario.
        startup: a role's name -> the lines it wrote before the first scenario.
        secrets: name -> value of what no log and no row may show.
        expected_errors: regular expressions of the errors that are part of the scenario.
        not_judged: names of checks for which there is nothing in it.
        max_step_attempts: calls allowed for one step of one concept.
    """

    journal: list[Row] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)
    roadmaps: list[Row] = field(default_factory=list)
    steps: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    others: dict[str, list[Row]] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    logs: dict[str, list[str]] = field(default_factory=dict)
    startup: dict[str, list[str]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    expected_errors: list[str] = field(default_factory=list)
    not_judged: list[str] = field(default_factory=list)
    max_step_attempts: int = 3

    def records(self, kind: str) -> list[Row]:
        """The journal's records of one kind."""
        return [record for record in self.journal if record["kind"] == kind]

    @property
    def calls(self) -> list[Row]:
        """Of clients."""
        return self.records("call")

    @property
    def provider_calls(self) -> list[Row]:
        """What the scripted provider recorded."""
        return self.records("provider")

    @property
    def faults(self) -> list[Row]:
        """A record for each phase of each fault."""
        return self.records("fault")

    @property
    def tables(self) -> dict[str, list[Row]]:
        """Every table's rows by its name in the database."""
        return {table: getattr(self, name) for name, table in TABLES.items()} | self.others

    def accepted(self) -> set[str]:
        """The roadmaps that a client was promised."""
        return {call["roadmap_id"] for call in self.calls if call.get("roadmap_id")}

    def withdrawn(self) -> set[str]:
        """Those of them that their owner has deleted, or may have: he was not told."""
        deletions = [
            call
            for call in self.calls
            if call["method"] == "DELETE" and (call["outcome"] == "unknown" or call["status"] == 204)  # noqa: PLR2004
        ]
        gone = {call["by"] for call in deletions if call["path"].endswith("/auth/me")}
        one_by_one = {call["path"].rpartition("/")[2] for call in deletions}
        return {
            call["roadmap_id"]
            for call in self.calls
            if call.get("roadmap_id") and (call["by"] in gone or call["roadmap_id"] in one_by_one)
        }
