"""How long a check takes, and what it can therefore say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.load.declaration import LoadTest
from harness.load.locust.demands import Demand

if TYPE_CHECKING:  # a stack's libraries are not needed to say how long a check takes
    from harness.load.testbed import Testbed

MOST_SLOTS_CPU = 0.5  # of a core, all slots together; the promise is 0.6
FASTEST = 27.0
QUICK_SPEED = 6.0
BURST_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One way to check.

    Args:
        name: quick, standard or full.
        replicates: with the nominal load.
        jobs: expected of each.
        burst: asked for at once.
    """

    name: str
    replicates: int
    jobs: int
    burst: int = 60

    def speed(self, demand: Demand, test: LoadTest) -> float:
        """How much faster time may pass before the worker's slots are busy with themselves instead of with waiting."""
        if not self.replicates:
            return QUICK_SPEED
        calls = float(test.traffic.demands.workload.calls)
        per_hour = demand.per_hour * calls * test.cpu_seconds_a_call
        return min(FASTEST, MOST_SLOTS_CPU * 3600 / per_hour)

    def play(self, testbed: "Testbed", demand: Demand) -> Iterator[None]:
        """The replicates, one after the other, and the burst."""
        seconds = self.jobs / demand.per_hour * 3600
        for number in range(1, self.replicates + 1):
            testbed.replicate("nominal", seconds=seconds, seed=number)
            yield
        # Without readers and with calls of one length, so that only the slots decide how long it takes.
        testbed.replicate("burst", seconds=BURST_SECONDS, at_once=self.burst, readers=0, identical=True)
        yield


PRESETS = {
    depth.name: depth
    for depth in (
        Preset(name="quick", replicates=0, jobs=0),
        Preset(name="standard", replicates=5, jobs=300),
        Preset(name="full", replicates=5, jobs=1000),
    )
}
