"""The record of a generator: a histogram for each kind of request and phase, and every job with its stamps.

Locust's own statistics round percentiles to two digits and mix all kinds; HdrHistograms keep three digits and merge over
processes without loss.
"""

import json
import os
import socket
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hdrh.histogram import HdrHistogram

LONGEST_MICROSECONDS = 3600 * 1_000_000
DIGITS = 3
LAG = "schedule lag"
ENDED = "TIME"  # type of Locust's entries that are no requests: the time until a job's end
SUMMARY = "generator.json"


@dataclass(slots=True, kw_only=True)
class Asked:
    """One job, as its client saw it. Times are seconds since 1970; None for an event that never came.

    Args:
        phase: of the run.
        intended: when it was wanted.
        sent: when the request went out; later, where the generator was late.
        answered: when the answer was there.
        status: of HTTP; 0 for no answer.
        id: where it was accepted.
        running: when the client first saw that its work had begun.
        ended: when the client saw its end.
        outcome: its last status; '' where it was not accepted.
        created: the service's own stamp of its creation.
        finished: the service's own stamp of its end.
        log_lag: the service's own figure, seconds.
    """

    phase: str
    intended: float
    sent: float = 0.0
    answered: float = 0.0
    status: int = 0
    id: str = ""
    running: float | None = None
    ended: float | None = None
    outcome: str = ""
    created: float | None = None
    finished: float | None = None
    log_lag: float | None = None


class Recorder:
    """Records the requests and jobs of one process, or of several by merging."""

    def __init__(self) -> None:
        self.histograms: dict[tuple[str, str], HdrHistogram] = {}
        self.failures: Counter[tuple[str, str]] = Counter()
        self.offered: Counter[str] = Counter()
        self.asked: list[Asked] = []
        self.processes: dict[str, dict[str, float]] = {}
        self.reasons: Counter[str] = Counter()
        self._began = time.monotonic()
        self._cpu_before = time.process_time()

    def request(self, kind: str, phase: str, seconds: float, failure: str = "") -> None:
        """Note a request.

        Args:
            kind: method and route.
            phase: of the run.
            seconds: it took.
            failure: why it does not count as answered; empty if it does.
        """
        self._histogram(kind, phase).record_value(min(max(round(seconds * 1e6), 1), LONGEST_MICROSECONDS))
        if failure:
            self.failures[kind, phase] += 1
            self.reasons[f"{kind}: {failure}"] += 1

    def measured_from_now(self) -> None:
        """Count this process's own processor time from now on: earlier time was preparation."""
        self._began, self._cpu_before = time.monotonic(), time.process_time()

    def take(self, **state: float) -> dict[str, Any]:
        """Return everything since the last call as JSON, and forget it.

        Args:
            state: figures of this process that hold now, such as how many are still unfinished.
        """
        taken = {
            "histograms": [
                [kind, phase, histogram.encode().decode()]
                for (kind, phase), histogram in self.histograms.items()
            ],
            "failures": [[*key, count] for key, count in self.failures.items()],
            "offered": dict(self.offered),
            "reasons": dict(self.reasons),
            "asked": [asdict(one) for one in self.asked],
            "processes": {f"{socket.gethostname()}/{os.getpid()}": self._own() | state},
        }
        self.histograms.clear()
        self.failures.clear()
        self.offered.clear()
        self.reasons.clear()
        self.asked.clear()
        return taken

    def merge(self, taken: dict[str, Any]) -> None:
        """Add what another recorder has taken."""
        for kind, phase, encoded in taken["histograms"]:
            self._histogram(kind, phase).decode_and_add(encoded)
        for kind, phase, count in taken["failures"]:
            self.failures[kind, phase] += count
        self.offered.update(taken["offered"])
        self.reasons.update(taken["reasons"])
        self.asked += [Asked(**one) for one in taken["asked"]]
        self.processes |= taken["processes"]

    def write(self, folder: Path, notes: str, **about: Any) -> None:
        """Write the record into a folder: one JSON document, and a line for each job.

        Args:
            folder: made if needed.
            notes: name of the file with the lines.
            about: the run, for the document.
        """
        folder.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(asdict(one)) + "\n" for one in self.asked]
        (folder / notes).write_text("".join(lines))
        document = {
            **about,
            "requests": [
                {"kind": kind, "phase": phase, "failures": self.failures[kind, phase], "histogram": encoded}
                for (kind, phase), encoded in (
                    (key, histogram.encode().decode()) for key, histogram in sorted(self.histograms.items())
                )
            ],
            "offered": self.offered,
            "reasons": self.reasons,
            "processes": self.processes,
        }
        (folder / SUMMARY).write_text(json.dumps(document, indent=1))

    def total(self, figure: str) -> float:
        """The sum of a figure over the processes."""
        return sum(process.get(figure, 0.0) for process in self.processes.values())

    def _own(self) -> dict[str, float]:
        return {
            "cpu_seconds": time.process_time() - self._cpu_before,
            "seconds": time.monotonic() - self._began,
        }

    def _histogram(self, kind: str, phase: str) -> HdrHistogram:
        key = kind, phase
        if key not in self.histograms:
            self.histograms[key] = new_histogram()
        return self.histograms[key]


def new_histogram() -> HdrHistogram:
    """A histogram from a microsecond to an hour, with three digits."""
    return HdrHistogram(1, LONGEST_MICROSECONDS, DIGITS)


def merged(encoded: Iterable[str]) -> HdrHistogram:
    """Merge several written histograms."""
    histogram = new_histogram()
    for one in encoded:
        histogram.decode_and_add(one)
    return histogram
