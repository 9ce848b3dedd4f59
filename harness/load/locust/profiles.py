"""The course of the load over a run: each profile is a list of phases, relative to the tier's nominal load."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.load.locust.demands import Demand

WARM_UP = "warm-up"  # recorded, not judged
BURST = "burst"  # has no warm-up
PREPARATION = "preparation"  # seconds before the first arrival, in which accounts are made
AT_ONCE_SECONDS = 0.005  # seconds between two arrivals "at once", so that one generator is not late
PARTS = 5
STEADY = ("nominal", "soak")  # profiles of one rate throughout, whose parts are samples of the same load


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of a run with one rate of arrivals.

    Args:
        name: for records.
        seconds: how long it lasts.
        per_second: arrivals, on average; they are a Poisson process.
        at_once: arrivals at its very beginning.
    """

    name: str
    seconds: float
    per_second: float = 0.0
    at_once: int = 0

    @property
    def arrivals(self) -> float:
        """The expected number of arrivals."""
        return self.at_once + self.per_second * self.seconds


@dataclass(frozen=True, slots=True)
class Arrival:
    """A moment at which a job is wanted, whether the service is ready or not.

    Args:
        at: seconds since the run began.
        phase: it belongs to.
    """

    at: float
    phase: str


def nominal(demand: Demand, seconds: float) -> list[Phase]:
    """The nominal load, after a warm-up at the same rate; in parts that a client can compare with each other."""
    rate = demand.per_hour / 3600
    parts = [
        Phase(name=f"nominal {n}", seconds=seconds / PARTS, per_second=rate) for n in range(1, PARTS + 1)
    ]
    return [Phase(name=WARM_UP, seconds=seconds / 10, per_second=rate), *parts]


def steps(demand: Demand, seconds: float) -> list[Phase]:
    """From half the nominal load to half as much again."""
    shares = (0.5, 0.75, 1.0, 1.25, 1.5)
    return [_step(demand, share, seconds / len(shares)) for share in shares]


def burst(demand: Demand, seconds: float) -> list[Phase]:
    """All jobs at once, then none."""
    return [Phase(name=BURST, seconds=seconds, at_once=demand.objectives.burst)]


def soak(demand: Demand, seconds: float) -> list[Phase]:
    """The nominal load for a long time, so that leaks show."""
    rate = demand.per_hour / 3600
    return [Phase(name=f"soak {n}", seconds=seconds / PARTS, per_second=rate) for n in range(1, PARTS + 1)]


def breakpoint_(demand: Demand, seconds: float) -> list[Phase]:
    """A growing load, up to three times the nominal one."""
    shares = [0.5 + 0.25 * n for n in range(11)]
    return [_step(demand, share, seconds / len(shares)) for share in shares]


PROFILES: Mapping[str, Callable[[Demand, float], list[Phase]]] = {
    "nominal": nominal,
    "steps": steps,
    BURST: burst,
    "soak": soak,
    "breakpoint": breakpoint_,
}


def arrivals(phases: Sequence[Phase], *, seed: int, stream: int = 0, streams: int = 1) -> Iterator[Arrival]:
    """One of several independent streams that together are the arrivals of all phases.

    The sum of independent Poisson processes is one of the summed rate, so each process of a distributed run plays its
    own stream and none has to ask another.

    Args:
        phases: in order.
        seed: the same seed gives the same moments.
        stream: number of this stream, from 0.
        streams: how many there are.
    """
    chance = random.Random(f"{seed}/{stream}/{streams}")  # noqa: S311 - no secret
    began = 0.0
    for phase in phases:
        for number in range(stream, phase.at_once, streams):
            yield Arrival(began + number * AT_ONCE_SECONDS, phase.name)
        at = 0.0
        while (
            phase.per_second and (at := at + chance.expovariate(phase.per_second / streams)) < phase.seconds
        ):
            yield Arrival(began + at, phase.name)
        began += phase.seconds


def _step(demand: Demand, share: float, seconds: float) -> Phase:
    return Phase(name=f"{share:.0%} of nominal", seconds=seconds, per_second=share * demand.per_hour / 3600)
