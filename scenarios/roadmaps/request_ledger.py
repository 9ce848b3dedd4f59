"""The life of each accepted request on one line: its promise, and every trace of its work."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Self

from harness import Evidence
from harness.base.logs import LogLine
from scenarios.roadmaps import kept

CLAIMED = re.compile(r"claimed, attempt (\d+), fence (\d+)")
ENDED = "ended: "
# Log lines of a worker that gave a claim up before its end.
CUT_OFF = ("handed back, attempt", "not handed back", "the lease was lost")
RECEIVED = "task-received"


@dataclass(slots=True)
class Entry:
    """One accepted request.

    Args:
        id: of the roadmap.
        accepted: seconds on the journal's clock, of each 202 for it.
        published: times that the sweeper published it, counted by the database; the first message is not counted.
        delivered: seconds, of each message of it that a worker has received; only while task events were recorded.
        claimed: (node, attempt, fence) of each claim that a worker logged, by its node's clock: a node's processes may write lines late.
        ended_by: (node, fence) of each end that a worker logged, with the fence of its newest claim in its node's log.
        ended: ends that workers logged.
        cut_off: claims that a worker gave up before their end, by its log.
        attempts: in the database now.
        fence: in the database now.
        provider_calls: that the provider got.
        state: in the database; empty if its row is gone.
        status: of its end; None if it has not ended, or its row is gone.
        roadmaps: that were written for it.
    """

    id: str
    accepted: list[float] = field(default_factory=list)
    published: int = 0
    delivered: list[float] = field(default_factory=list)
    claimed: list[tuple[str, int, int]] = field(default_factory=list)
    ended_by: list[tuple[str, int]] = field(default_factory=list)
    ended: int = 0
    cut_off: int = 0
    attempts: int = 0
    fence: int = 0
    provider_calls: int = 0
    state: str = ""
    status: str | None = None
    roadmaps: int = 0

    @property
    def fences(self) -> list[int]:
        """The fences of the claims."""
        return [fence for _, _, fence in self.claimed]


@dataclass(frozen=True, slots=True)
class Ledger:
    """All requests that were accepted or are in the database."""

    entries: dict[str, Entry]

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """Make it from the journal, the database and the workers' logs.

        Args:
            evidence: of a run, live or saved.
        """
        return evidence.once(cls._of)

    @classmethod
    def _of(cls, evidence: Evidence) -> Self:
        entries = _Entries()
        _promised(entries, evidence)
        _moved(entries, evidence)
        for row in kept.roadmaps(evidence):
            entries[row["id"]].roadmaps += 1
        return cls(dict(entries))

    def ends(self) -> dict[str, int]:
        """Status -> number of requests."""
        return dict(Counter(entry.state for entry in self.entries.values() if entry.state))

    def sums(self) -> dict[str, Any]:
        """The figures for a table."""
        entries = self.entries.values()
        return {
            "accepted": sum(bool(entry.accepted) for entry in entries),
            "attempts_beyond_the_first": sum(max(0, entry.fence - 1) for entry in entries),
            "more_than_one_attempt": sum(entry.fence > 1 for entry in entries),
            "provider_calls": sum(entry.provider_calls for entry in entries),
        }


class _Entries(defaultdict[str, Entry]):
    def __missing__(self, roadmap_id: str) -> Entry:
        self[roadmap_id] = Entry(roadmap_id)
        return self[roadmap_id]


def _promised(entries: _Entries, evidence: Evidence) -> None:
    """Add the clients' promises and the database's rows."""
    for call in evidence.calls:
        if roadmap_id := call.get("roadmap_id"):
            entries[roadmap_id].accepted.append(call["at"])
    for row in kept.requests(evidence):
        entry = entries[row["id"]]
        entry.published, entry.attempts, entry.fence = row["dispatches"], row["attempt"], row["fence"]
        entry.state = row["status"]
        entry.status = row["status"] if row["ended_at"] else None


def _worked(entries: _Entries, roadmap_id: str, node: str, said: str) -> None:
    """Add a worker's line about a roadmap."""
    if found := CLAIMED.fullmatch(said):
        entries[roadmap_id].claimed.append((node, int(found[1]), int(found[2])))
    elif said.startswith(ENDED):
        own = [fence for claimer, _, fence in entries[roadmap_id].claimed if claimer == node]
        entries[roadmap_id].ended_by += [(node, own[-1])] if own else []
        entries[roadmap_id].ended += 1
    elif said.startswith(CUT_OFF):
        entries[roadmap_id].cut_off += 1


def _time(line: LogLine) -> str:
    """The time of a line, if it has one; other lines keep their place."""
    return str(line.fields.get("time", ""))


def _moved(entries: _Entries, evidence: Evidence) -> None:
    """Add the work of workers and provider."""
    for task in evidence.records("task"):
        if task["type"] == RECEIVED and task.get("roadmap_id"):
            entries[task["roadmap_id"]].delivered.append(task["at"])
    for node, lines in evidence.logs.items():
        for line in sorted(map(LogLine.parse, lines), key=_time):
            if roadmap_id := line.fields.get("roadmap_id"):
                _worked(entries, roadmap_id, node, line.message)
    for call in evidence.provider_calls:
        if call["request"] in entries:  # a call of another client belongs to no request
            entries[call["request"]].provider_calls += 1
