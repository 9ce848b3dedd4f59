"""One process's part of a run, which its users share: its stream of the arrivals, its accounts, its notes."""

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
    """What one process plays.

    Args:
        phases: of the whole run.
        from_intended: kind of request that is timed from the moment it was meant to be sent.
        seed: of all arrivals.
        streams: by which the arrivals come, over all processes.
        number: of this one, from 0; None where this process has no part in the arrivals.
        speed: how many times faster than in the world time passes.
        quota: how many one account may have unfinished.
        time_to: name of the time until one has ended.
        ended_well: the outcome of one that is no failure; any where it is ''.
        workload: whose `draw` says how large one is.
        least_look: seconds of this machine between two looks at how far something is, however fast time passes.
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
        """How long arrivals come."""
        return sum(phase.seconds for phase in self.phases)

    @property
    def planned(self) -> Counter[str]:
        """Its arrivals, exactly, by phase."""
        return Counter(arrival.phase for arrival in self._arrivals())

    def schedule(self) -> Iterator[Arrival] | None:
        """Its arrivals; the run begins with it. None where it is somebody else's, or has begun: nothing is asked for twice."""
        if self._number is None or self.began is not None:
            return None
        self.began = time.time()
        self.recorder.measured_from_now()
        return self._arrivals()

    def size(self) -> int:
        """How large the next one is, of the workload's sizes."""
        return int(self._workload.draw(self._sizes))

    @property
    def phase(self) -> str:
        """The one that the clock is in."""
        if self.began is None:
            return PREPARATION
        passed = time.time() - self.began
        for phase in self.phases:
            passed -= phase.seconds
            if passed < 0:
                return phase.name
        return "drain"

    def looks(self) -> Iterator[float]:
        """Pauses between two looks at how far something is: soon at first, then ever more patient."""
        pause = FIRST_LOOK_SECONDS
        while True:
            yield max(pause / self.speed, self._least_look)
            pause = min(pause * LOOKS_SLOW_DOWN, LAST_LOOK_SECONDS)

    def _arrivals(self) -> Iterator[Arrival]:
        if self._number is None:
            return iter(())
        return arrivals(self.phases, seed=self._seed, stream=self._number, streams=self._streams)
