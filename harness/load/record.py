"""What a run has shown, recorded so that it can be judged again: by another verdict, or after a check was mended."""

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
EMBEDDED = "embedded"  # the substrate that every machine has


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One that was asked for, with its stamps, seconds since 1970; None for what never came, or nobody could see.

    Args:
        phase: of the run.
        intended: when somebody wanted it.
        sent: when the request went out.
        accepted: when the service had written it down.
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
        """From the moment it was wanted to its end; infinite for one that never came."""
        return math.inf if self.completed is None else self.completed - self.intended

    @property
    def service(self) -> float:
        """Of its slot."""
        assert self.claimed is not None
        assert self.completed is not None
        return self.completed - self.claimed

    @property
    def done(self) -> bool:
        """Whether it ended, and it is known when somebody began with it."""
        return self.claimed is not None and self.completed is not None

    def counting(self, ended_well: str) -> "Job":
        """Itself; without its end where that was not a good one: who fails fast is not fast.

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
        queued: jobs that nobody has claimed, by the database; running likewise.
        running: see there.
        messages: in Redis, by queue; those being worked on included where the application says where they lie.
        taken: messages that the worker's slots have taken, and not acknowledged; None where nobody could count.
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
        provider_cpu: of the scripted provider, likewise; None where nobody could see.
        calibration: how long a fixed piece of work took on this machine before and after, seconds.
        samples: of the probes.
        cpu_seconds: used by role.
        reasons: of failed requests.
        readers: people who browsed meanwhile; None where nobody wrote it down.
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
        """The same, in which what did not end well has never ended.

        Args:
            ended_well: the status that counts as a good end.
        """
        return replace(self, jobs=tuple(job.counting(ended_well) for job in self.jobs))

    def histogram(self, *kinds: str, warm_up: bool = False) -> HdrHistogram:
        """Of all requests whose kind begins so."""
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
        """Without those of the warm-up."""
        return [job for job in self.jobs if job.phase != WARM_UP]

    def service(self) -> NDArray[np.float64]:
        """Measured service times of the worker's slots."""
        return np.array([job.service for job in self.jobs if job.done])


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRole:
    """What lives of a role.

    Args:
        processes: that serve: a web server's, or of the pool.
        queues: it consumes, as it says itself.
        prefetch: messages it takes at once; None where it takes none.
        pool_size: connections that each process may hold, as it was told.
        memory_peak: bytes; None where nobody could see.
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
    """What a tier is meant to be.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything a verdict needs.

    Args:
        tier: row of the table.
        depth: quick, standard, full, or client: what is judged.
        speed: times how much faster time passed.
        cores: of this machine.
        row: what it is meant to be.
        roles: what lives; None where nobody could see, as behind a URL.
        replicates: independent ones.
        substrate: where the stack lived.
        began: seconds since 1970.
        played_again: what was disturbed and therefore played once more, each with its reason.
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
    workload: str = "small"  # of those recorded before it was written down
    connections: int | None = None
    interrupted: bool = False

    def having(self, **changes: Any) -> "Run":
        return replace(self, **changes)

    def counting(self, ended_well: str) -> "Run":
        """The same run, in which what did not end well has never ended: so it is judged everywhere.

        Args:
            ended_well: the status that counts as a good end.
        """
        return self.having(replicates=tuple(one.counting(ended_well) for one in self.replicates))

    def steady(self) -> list[Replicate]:
        """Those with one rate throughout."""
        return [one for one in self.replicates if one.profile in STEADY]

    def bursts(self) -> list[Replicate]:
        return [one for one in self.replicates if one.profile == "burst"]

    def service(self) -> NDArray[np.float64]:
        """Measured service times under a steady load, seconds of the world: as if time had not been made faster.

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
        """A recorded run.

        Raises:
            FileNotFoundError: there is none.
        """
        return msgspec.json.decode((folder / FILE).read_bytes(), type=cls)
