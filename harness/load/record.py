"""The record of a run, kept so that it can be judged again: by another verdict, or by a corrected check."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from hdrh.histogram import HdrHistogram
from numpy.typing import NDArray

from harness.load.locust.profiles import PREPARATION, STEADY, WARM_UP
from harness.load.locust.recorder import merged

FILE = "run.json"
DEPLOYMENTS = 2  # the old and the new deployment overlap
EMBEDDED = "embedded"  # the substrate that every machine has


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job with its stamps, seconds since 1970; None for an event that never came or that nobody could see.

    Args:
        phase: of the run.
        intended: when it was wanted.
        sent: when the request went out.
        accepted: when the service had stored it.
        claimed: when a worker took it.
        completed: when it ended.
        logged: when the last of its events was stored.
        log_lag: the longest time from one of its events to that event's row, seconds.
        outcome: its last status; '' where it was not accepted.
    """

    phase: str
    intended: float
    sent: float = 0.0
    accepted: float | None = None
    claimed: float | None = None
    completed: float | None = None
    logged: float | None = None
    log_lag: float | None = None
    outcome: str = ""

    @property
    def seconds(self) -> float:
        """From the moment when it was wanted to its end; infinite if it never ended."""
        return math.inf if self.completed is None else self.completed - self.intended

    @property
    def service(self) -> float:
        """Seconds that its slot took."""
        assert self.claimed is not None
        assert self.completed is not None
        return self.completed - self.claimed

    @property
    def done(self) -> bool:
        """Whether it ended, and the begin of its work is known."""
        return self.claimed is not None and self.completed is not None

    def counting(self, ended_well: str) -> "Job":
        """The job; without its end if it failed: a fast failure must not count as fast.

        Args:
            ended_well: the status that counts as a good end.
        """
        return self if self.outcome == ended_well else replace(self, completed=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """All requests of one kind in one phase; the histogram counts microseconds."""

    kind: str
    phase: str
    failures: int
    histogram: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look of the probes.

    Args:
        at: seconds since 1970.
        queued: jobs that no worker has claimed, by the database.
        running: jobs that a worker has claimed, by the database.
        messages: messages in Redis by queue; with those in work, where the application says where these are kept.
        taken: messages that the worker's slots have taken and not acknowledged; None where they cannot be counted.
        connections: to PostgreSQL, by application_name.
        memory: bytes (PSS, or the cgroup's), by role.
    """

    at: float
    queued: int = 0
    running: int = 0
    messages: Mapping[str, int] = field(default_factory=dict)
    taken: int | None = None
    connections: Mapping[str, int] = field(default_factory=dict)
    memory: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicate:
    """One of several independent runs of the generator on the same stack.

    Args:
        profile: of the load.
        planned: arrivals that the schedule had.
        seconds: from the first arrival to the end.
        began: seconds since 1970.
        jobs: all that was asked for.
        requests: by kind and phase.
        generator_cpu: of the busiest generator process, as a share of one core.
        provider_cpu: of the scripted provider, also as a share of one core; None where it was not measured.
        calibration: how long a fixed piece of work took on this machine before and after, seconds.
        samples: of the probes.
        cpu_seconds: used by role.
        reasons: of failed requests.
        readers: people who browsed meanwhile; None where that was not recorded.
        unplayed: processes of the generator that did not play their arrivals to the end, by name.
    """

    profile: str
    planned: int
    seconds: float
    began: float
    jobs: tuple[Job, ...]
    requests: tuple[Requests, ...] = ()
    generator_cpu: float = 0.0
    provider_cpu: float | None = None
    calibration: tuple[float, float] | None = None
    samples: tuple[Sample, ...] = ()
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    readers: int | None = None
    unplayed: tuple[str, ...] = ()

    def counting(self, ended_well: str) -> "Replicate":
        """The same replicate, in which failed jobs count as never ended.

        Args:
            ended_well: the status that counts as a good end.
        """
        return replace(self, jobs=tuple(job.counting(ended_well) for job in self.jobs))

    def histogram(self, *kinds: str, warm_up: bool = False) -> HdrHistogram:
        """The histogram of all requests whose kind begins so."""
        return merged(one.histogram for one in self._of(kinds, warm_up=warm_up))

    def failures(self, *kinds: str) -> int:
        return sum(one.failures for one in self._of(kinds, warm_up=False))

    def histogram_of(self, kind: str) -> HdrHistogram:
        """Of the requests of exactly one kind, without those of the warm-up."""
        return merged(one.histogram for one in self._of((kind,), warm_up=False) if one.kind == kind)

    def failures_of(self, kind: str) -> int:
        """Of the requests of exactly one kind, without those of the warm-up."""
        return sum(one.failures for one in self._of((kind,), warm_up=False) if one.kind == kind)

    def _of(self, kinds: tuple[str, ...], *, warm_up: bool) -> Iterable[Requests]:
        return (
            one
            for one in self.requests
            if one.kind.startswith(kinds) and (warm_up or one.phase not in {WARM_UP, PREPARATION})
        )

    @property
    def judged(self) -> list[Job]:
        """The jobs without those of the warm-up."""
        return [job for job in self.jobs if job.phase != WARM_UP]

    def service(self) -> NDArray[np.float64]:
        """Measured service times of the worker's slots."""
        return np.array([job.service for job in self.jobs if job.done])


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRole:
    """The running processes of a role.

    Args:
        processes: serving processes of a web server, or of the pool.
        queues: queues that it consumes, by its own answer.
        prefetch: messages that it takes at once; None where it takes none.
        pool_size: connections that each process may hold, as it was told.
        memory_peak: bytes; None where it was not measured.
        throttled: share of periods in which its quota was used up; None without a quota.
    """

    processes: int
    queues: tuple[str, ...] = ()
    prefetch: int | None = None
    pool_size: int | None = None
    memory_peak: int | None = None
    throttled: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The declared values of a tier.

    Args:
        processes: by role.
        queues: by role.
        pool_size: connections a process may hold.
        memory_mb: of one service.
        cpus: of one service; None where they are shared.
    """

    processes: Mapping[str, int]
    queues: Mapping[str, tuple[str, ...]]
    pool_size: int
    memory_mb: int
    cpus: int | None = None

    @property
    def connections(self) -> int:
        """Connections of all pools while two deployments overlap."""
        return DEPLOYMENTS * self.pool_size * sum(self.processes.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything a verdict needs.

    Args:
        tier: row of the table.
        depth: quick, standard, full, or client: what is judged.
        speed: times how much faster time passed.
        cores: of this machine.
        row: the declared row.
        roles: the running roles; None where they cannot be seen, as behind a URL.
        replicates: its independent replicates.
        substrate: where the stack lived.
        began: seconds since 1970.
        played_again: reasons of the disturbed replicates that were played again.
        workload: what one asks for, by its name in the tiers' file.
        connections: that PostgreSQL lets its users have, as it says itself; None where nobody could ask.
        interrupted: whether somebody ended the check before its end.
    """

    tier: str
    depth: str
    speed: float
    cores: int
    row: Row
    roles: Mapping[str, LiveRole] | None
    replicates: tuple[Replicate, ...]
    substrate: str = EMBEDDED
    began: float = 0.0
    played_again: tuple[str, ...] = ()
    workload: str = "small"  # value for runs that were recorded before this field existed
    connections: int | None = None
    interrupted: bool = False

    def having(self, **changes: Any) -> "Run":
        return replace(self, **changes)

    def counting(self, ended_well: str) -> "Run":
        """The same run, in which failed jobs count as never ended; every judgement uses it.

        Args:
            ended_well: the status that counts as a good end.
        """
        return self.having(replicates=tuple(one.counting(ended_well) for one in self.replicates))

    def steady(self) -> list[Replicate]:
        """The replicates with one rate throughout."""
        return [one for one in self.replicates if one.profile in STEADY]

    def bursts(self) -> list[Replicate]:
        return [one for one in self.replicates if one.profile == "burst"]

    def service(self) -> NDArray[np.float64]:
        """Measured service times under a steady load, in seconds of the world's time.

        Those of a burst are left out: its calls to the provider all take the same time.
        """
        return np.concatenate([np.empty(0), *(one.service() for one in self.steady())]) * self.speed

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE
        path.write_bytes(msgspec.json.encode(self))
        return path

    @classmethod
    def read(cls, folder: Path) -> "Run":
        """Read a recorded run.

        Raises:
            FileNotFoundError: there is none.
        """
        return msgspec.json.decode((folder / FILE).read_bytes(), type=cls)
