"""One process's part of a run, which its users share: its stream of arrivals, its accounts, its record."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from harness.load.locust.accounts import Accounts
from harness.load.locust.profiles import PREPARATION, Arrival, Phase, arrivals
from harness.load.locust.recorder import Recorder

FIRST_LOOK_SECONDS, LAST_LOOK_SECONDS, LOOKS_SLOW_DOWN = 1.0, 5.0, 1.5


class Stream:
    """The stream of one process.

    Args:
        phases: of the whole run.
        from_intended: kind of request that is timed from the moment it was meant to be sent.
        seed: of all arrivals.
        streams: number of streams over all processes.
        number: number of this stream, from 0; None where this process plays no arrivals.
        speed: how many times faster than in the world time passes.
        quota: unfinished jobs that one account may have.
        time_to: name of the time until a job has ended.
        ended_well: the outcome that counts as success; any where it is ''.
        workload: its `draw` chooses the size of a job.
        least_look: least seconds of this machine between two looks at a job's progress.
    """

    def __init__(
        self,
        phases: Sequence[Phase],
        *,
        from_intended: str,
        seed: int,
        streams: int = 1,
        number: int | None = 0,
        speed: float = 1.0,
        quota: int = 1_000_000,
        time_to: str = "time to the end",
        ended_well: str = "",
        workload: Any = None,
        least_look: float = 0.0,
    ) -> None:
        self.phases = [
            Phase(
                name=phase.name,
                seconds=phase.seconds / speed,
                per_second=phase.per_second * speed,
                at_once=phase.at_once,
            )
            for phase in phases
        ]
        self.from_intended = from_intended
        self.time_to = time_to
        self.ended_well = ended_well
        self.recorder = Recorder()
        self.accounts = Accounts(sum(phase.arrivals for phase in self.phases) / max(streams, 1), quota)
        self.speed = speed
        self.began: float | None = None
        self.making = 0
        self.ended_streams = 0
        self.refused = 0
        self._workload = workload
        self._least_look = least_look
        self._sizes = random.Random(f"{seed}/sizes/{number}/{streams}")  # noqa: S311 - no secret
        self._seed = seed
        self._streams = streams
        self._number = number

    @property
    def seconds(self) -> float:
        """How long there are arrivals, in seconds."""
        return sum(phase.seconds for phase in self.phases)

    @property
    def planned(self) -> Counter[str]:
        """The exact number of its arrivals, by phase."""
        return Counter(arrival.phase for arrival in self._arrivals())

    def schedule(self) -> Iterator[Arrival] | None:
        """Begin the run and return its arrivals; None where another process plays it, or where it has begun already."""
        if self._number is None or self.began is not None:
            return None
        self.began = time.time()
        self.recorder.measured_from_now()
        return self._arrivals()

    def size(self) -> int:
        """The size of the next job, drawn from the workload."""
        return int(self._workload.draw(self._sizes))

    @property
    def phase(self) -> str:
        """The current phase."""
        if self.began is None:
            return PREPARATION
        passed = time.time() - self.began
        for phase in self.phases:
            passed -= phase.seconds
            if passed < 0:
                return phase.name
        return "drain"

    def looks(self) -> Iterator[float]:
        """Pauses between two looks at a job's progress: short at first, then longer and longer."""
        pause = FIRST_LOOK_SECONDS
        while True:
            yield max(pause / self.speed, self._least_look)
            pause = min(pause * LOOKS_SLOW_DOWN, LAST_LOOK_SECONDS)

    def _arrivals(self) -> Iterator[Arrival]:
        if self._number is None:
            return iter(())
        return arrivals(self.phases, seed=self._seed, stream=self._number, streams=self._streams)
