"""What the load test asks of the product, as far as the Locust process must know it: standard library and `harness.load.locust` only."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.load.locust.traffic import Traffic

HERE = Path(__file__).parent
NARROW = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What one roadmap asks of its provider.

    Args:
        concepts: of its curriculum, each with three parts: a number of them -> its share of all roadmaps.
        call_median_seconds: of one call.
        call_sigma: of the logarithm of a call's seconds.
    """

    concepts: Mapping[str, float]
    call_median_seconds: float
    call_sigma: float

    def __post_init__(self) -> None:
        if not isinstance(self.concepts, Mapping) or not all(
            number.isdecimal() and int(number) for number in self.concepts
        ):
            raise ValueError(
                "concepts must be a table of how many there are, each with its share: { 4 = 0.25, 8 = 0.75 }"
            )
        if abs(sum(self.concepts.values()) - 1) > NARROW:
            raise ValueError(f"concepts: the shares make {sum(self.concepts.values()):g} together, not 1")

    @property
    def sizes(self) -> dict[int, float]:
        """Concepts -> share of all roadmaps."""
        return {int(number): share for number, share in self.concepts.items()}

    @property
    def calls(self) -> float:
        """Intent, curriculum, and the parts of each concept; on average."""
        return sum(share * calls(number) for number, share in self.sizes.items())

    def draw(self, chance: random.Random) -> int:
        """How many concepts the next one has.

        Args:
            chance: of the stream that asks for it.
        """
        return chance.choices(list(self.sizes), list(self.sizes.values()))[0]


def calls(concepts: int) -> int:
    """Of a roadmap with so many concepts: intent, curriculum, and three parts of each."""
    return 2 + 3 * concepts


def told(concepts: int) -> str:
    """What of a topic says how many concepts its roadmap has, to whoever scripts the provider."""
    return f", {concepts} concepts"


TRAFFIC = Traffic(
    noun="roadmap",
    root=HERE.parent,
    judge="loadtests.declaration:LOAD_TEST",
    tiers=HERE / "tiers.toml",
    workload=Workload,
    ended_well="completed",
    quota=15,  # unfinished of one account; the service refuses the 21st by default
)
