"""The load test's requests, for the Locust process: it imports only the standard library and `harness.load.locust`."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.load.locust.traffic import Traffic

HERE = Path(__file__).parent
NARROW = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """The work of one roadmap for its provider.

    Args:
        concepts: number of a curriculum's concepts, each with three parts -> share of all roadmaps.
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
        """The average number of calls: intent, curriculum, and the parts of each concept."""
        return sum(share * calls(number) for number, share in self.sizes.items())

    def draw(self, chance: random.Random) -> int:
        """The number of concepts of the next roadmap.

        Args:
            chance: random numbers of the asking stream.
        """
        return chance.choices(list(self.sizes), list(self.sizes.values()))[0]


def calls(concepts: int) -> int:
    """The calls of a roadmap with so many concepts: intent, curriculum, and three parts of each."""
    return 2 + 3 * concepts


def told(concepts: int) -> str:
    """The text in a topic that tells the scripted provider the number of concepts."""
    return f", {concepts} concepts"


TRAFFIC = Traffic(
    noun="roadmap",
    root=HERE.parent,
    judge="loadtests.declaration:LOAD_TEST",
    tiers=HERE / "tiers.toml",
    workload=Workload,
    ended_well="completed",
    quota=15,  # unfinished roadmaps of one account; the service refuses the 21st by default
)
