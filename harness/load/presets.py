"""The depths of a check: how long it takes, and so how much it can prove."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.load.checks.valid import disturbed
from harness.load.declaration import LoadTest
from harness.load.locust.demands import USUAL, Demand

if TYPE_CHECKING:  # a stack's libraries are not needed to tell how long a check takes
    from harness.load.testbed import Testbed

# Of a core, for slots and API: the servers, the provider, the generator and the probes need the rest.
MOST_CPU = 0.6
MOST_SLOTS_CPU = 0.5  # of a core, all slots together; the promise is 0.6
FASTEST = 27.0
QUICK_SPEED = 6.0
BURST_SECONDS = 1.0
WARM_UP = 1.1  # of the time of a steady replicate, with its warm-up
SAMPLES = 1000
MINUTES_FROM = 180.0  # seconds; less is said in seconds
BURST_LOOK_SECONDS = 0.5
SMALL = "small"
MOST_AGAIN = 3  # replicates of a check, all together


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One way to check.

    Args:
        name: quick, standard or full.
        replicates: with the nominal load.
        jobs: expected of each.
        burst: asked for at once.
        workload: what one asks for, where the application has one of that name.
        seed: of the first replicate; each has its own.
    """

    name: str
    replicates: int
    jobs: int
    burst: int = 60
    workload: str = USUAL
    seed: int = 1

    def seeds(self) -> range:
        """A seed for each replicate."""
        return range(self.seed, self.seed + self.replicates)

    def speed(self, demand: Demand, test: LoadTest, workload: str) -> float:
        """How much faster time may pass, so that slots and API still mostly wait instead of using the processor.

        Args:
            demand: of the tier.
            test: which knows what a call costs a slot, and a request the API.
            workload: what one asks for, by name.
        """
        if not self.replicates:
            return QUICK_SPEED
        calls = float(test.traffic.demands.workloads[workload].calls)
        slots = demand.per_hour * calls * test.cpu_seconds_a_call
        api = test.requests_an_hour(demand) * test.cpu_seconds_a_request
        return min(FASTEST, MOST_SLOTS_CPU * 3600 / slots, MOST_CPU * 3600 / (slots + api))

    def says(self, demand: Demand, test: LoadTest, slots: int, calibration: float) -> str:
        """What will be done, and about how long it takes: at this speed, with this machine's speed measured before and after each step.

        Args:
            demand: of the tier.
            test: which knows how long one takes.
            slots: of its worker.
            calibration: seconds that it takes to measure this machine's speed.
        """
        demands = test.traffic.demands
        used = demands.named(self.workload)
        speed, work = self.speed(demand, test, used), demands.workloads[used]
        one = float(test.service(work, np.random.default_rng(1), SAMPLES).mean())
        steady = self.replicates * WARM_UP * self.jobs / demand.per_hour * 3600
        seconds = (steady + self.burst * one / slots) / speed + 2 * calibration * (self.replicates + 1)
        about = f"{seconds / 60:.0f} minutes" if seconds >= MINUTES_FROM else f"{seconds:.0f} s"
        replicates = (
            f"{self.replicates} replicates of {self.jobs} {test.nouns}, then " if self.replicates else ""
        )
        return (
            f"{replicates}a burst of {self.burst} {test.nouns}: about {about} on this machine, beside the starts of stack and generator; "
            f"what the machine disturbs is played again, {MOST_AGAIN} times at most"
        )

    def play(self, testbed: "Testbed", demand: Demand) -> Iterator[None]:
        """The replicates, one after the other, and the burst; what was disturbed again, a few times at most in all."""
        testbed.steps = self.replicates + 1
        seconds, left = self.jobs / demand.per_hour * 3600, MOST_AGAIN
        for seed in self.seeds():
            left -= _undisturbed(testbed, left, "nominal", seconds=seconds, seed=seed)
            yield
        # Without readers and with calls of one length, so that only the slots decide how long it takes. Authors look rarely,
        # because so many looks at once would take the processor from the slots.
        once: dict[str, Any] = {
            "seconds": BURST_SECONDS,
            "at_once": self.burst,
            "readers": 0,
            "identical": True,
            "least_look": BURST_LOOK_SECONDS,
        }
        _undisturbed(testbed, left, "burst", seed=self.seed, **once)
        yield


def _undisturbed(testbed: "Testbed", most: int, profile: str, **options: Any) -> int:
    """Play a replicate until the machine does not disturb it.

    Args:
        testbed: to play on.
        most: times that it may be played again.
        profile: of the load.
        options: of the replicate.

    Returns:
        How often it was played again.
    """
    again = 0
    while True:
        one = testbed.replicate(profile, **options)
        reasons = disturbed(one, testbed.row.processes[testbed.test.worker], testbed.test)
        if not reasons or again >= most:
            return again
        testbed.forget(f"{profile} {options.get('seed', '')}".strip() + f": {'; '.join(reasons)}")
        again += 1


PRESETS = {
    depth.name: depth
    for depth in (
        Preset(name="quick", replicates=0, jobs=0, workload=SMALL),
        Preset(name="standard", replicates=5, jobs=300),
        Preset(name="full", replicates=5, jobs=1000),
    )
}
