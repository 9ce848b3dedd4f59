"""What is asked of an application under load, as far as the Locust process must know it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.load.locust.demands import Demands, Workload


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """The half of a load test's declaration that is driven; the other half, LoadTest, is judged.

    Args:
        noun: one of what is asked for, such as "order": reports, records and the tiers' file are written with it.
        nouns: its plural; with an s by default.
        root: the project's folder, from which `judge` can be imported.
        judge: `module:name` of the LoadTest, which this process must not import.
        tiers: the file with what each tier must carry.
        workload: a dataclass of the keys of [workload] in that file, with `calls`: to the provider, for one.
        quota: how many one account may have in the making, if the application limits that.
        paid: whether each costs money where the provider is a real one.
    """

    noun: str
    nouns: str = ""
    root: Path
    judge: str
    tiers: Path
    workload: type[Any] = Workload
    quota: int = 1_000_000
    paid: bool = True

    def __post_init__(self) -> None:
        if not self.nouns:
            object.__setattr__(self, "nouns", f"{self.noun}s")

    @cached_property
    def demands(self) -> Demands:
        """What the file says.

        Raises:
            TiersError: it cannot be used.
        """
        return Demands.read(self.tiers, noun=self.noun, nouns=self.nouns, workload=self.workload)

    @property
    def usual_tier(self) -> str:
        """The first one."""
        return next(iter(self.demands.tiers))

    @property
    def from_intended(self) -> str:
        """Kind of request: from the moment that one was meant to be asked for to the answer."""
        return f"{self.noun} accepted, from the intended moment"

    @property
    def notes(self) -> str:
        """Name of the file with a line for each that was asked for."""
        return f"{self.nouns}.ndjson"
