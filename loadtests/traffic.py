"""What the load test asks of the product, as far as the Locust process must know it: standard library and `harness.load.locust` only."""

from dataclasses import dataclass
from pathlib import Path

from harness.load.locust.traffic import Traffic

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What one roadmap asks of its provider.

    Args:
        concepts: of its curriculum; each has three parts.
        call_median_seconds: of one call.
        call_sigma: of the logarithm of a call's seconds.
    """

    concepts: int
    call_median_seconds: float
    call_sigma: float

    @property
    def calls(self) -> int:
        """Intent, curriculum, and the parts of each concept."""
        return 2 + 3 * self.concepts


TRAFFIC = Traffic(
    noun="roadmap",
    root=HERE.parent,
    judge="loadtests.declaration:LOAD_TEST",
    tiers=HERE / "tiers.toml",
    workload=Workload,
    quota=15,  # in the making of one account; the service refuses the 21st by default
)
