"""A small model of the API's promises, which gives the right result of each call."""

from collections import Counter
from dataclasses import dataclass, field

IN_THE_MAKING = "queued"
RETRYABLE = {"partially_completed", "failed", "cancelled"}
# first word of a topic -> the roadmap's end
FATES = {"good": "completed", "half": "partially_completed", "bad": "failed"}


@dataclass
class Entry:
    """A roadmap as the model knows it."""

    id: str
    topic: str
    key: str
    status: str = IN_THE_MAKING

    @property
    def fate(self) -> str:
        """Its end after a worker has worked on it."""
        return FATES[self.topic.split()[0]]


@dataclass
class Owner:
    """An account and its roadmaps, the oldest first.

    Args:
        quota: roadmaps that may be unfinished at once.
    """

    quota: int
    roadmaps: list[Entry] = field(default_factory=list)

    def create(self, topic: str, key: str) -> tuple[int, Entry | None]:
        """The status of a request, and the existing roadmap if the request is a repetition."""
        known = next((entry for entry in self.roadmaps if entry.key == key), None)
        if known is not None:
            return (202, known) if known.topic == topic else (422, None)
        return (429 if self._full() else 202), None

    def retry(self, entry: Entry) -> int:
        """Try an incomplete ended roadmap again."""
        if entry.status not in RETRYABLE:
            return 409
        if self._full():
            return 429
        entry.status = IN_THE_MAKING
        return 202

    def cancel(self, entry: Entry) -> int:
        """Cancel an unfinished roadmap."""
        if entry.status != IN_THE_MAKING:
            return 409
        entry.status = "cancelled"
        return 200

    def delete(self, entry: Entry) -> int:
        """Delete a roadmap and its key."""
        self.roadmaps.remove(entry)
        return 204

    def work(self) -> None:
        """Bring every unfinished roadmap to its end."""
        for entry in self.roadmaps:
            if entry.status == IN_THE_MAKING:
                entry.status = entry.fate

    def listing(self, *statuses: str) -> list[tuple[str, str, str]]:
        """Id, status and topic of the roadmaps, the newest first; only of these statuses, if any."""
        return [
            (entry.id, entry.status, entry.topic)
            for entry in reversed(self.roadmaps)
            if not statuses or entry.status in statuses
        ]

    def counts(self) -> Counter[str]:
        """Roadmaps by status."""
        return Counter(entry.status for entry in self.roadmaps)

    def _full(self) -> bool:
        return self.counts()[IN_THE_MAKING] >= self.quota
