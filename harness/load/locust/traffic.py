"""What is asked of an application under load, as far as the Locust process must know it."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.load.locust.demands import Demands, Workload

TABLE = "LOADTEST_TABLE"  # so that the generator and the judge, processes of their own, know it too


def table_of_ones_own() -> Path | None:
    """The file with rows in the place of the application's; None for those."""
    named = os.environ.get(TABLE)
    return Path(named) if named else None


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """The half of a load test's declaration that is driven; the other half, LoadTest, is judged.

    Args:
        noun: one of what is asked for, such as "order": reports, records and the tiers' file are written with it.
        nouns: its plural; with an s by default.
        root: the project's folder, from which `judge` can be imported.
        judge: `module:name` of the LoadTest, which this process must not import.
        tiers: the file with what each tier must carry.
        workload: a dataclass of the keys of [workloads.NAME] in that file, with `calls`, to the provider for one on average, and
            `draw`, the size of one.
        quota: how many one account may have unfinished, if the application limits that.
        ended_well: the outcome of one that is no failure; any where it is left out.
        paid: whether each costs money where the provider is a real one.
    """

    noun: str
    nouns: str = ""
    root: Path
    judge: str
    tiers: Path
    workload: type[Any] = Workload
    quota: int = 1_000_000
    ended_well: str = ""
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
        return Demands.read(
            self.tiers, noun=self.noun, nouns=self.nouns, workload=self.workload, table=table_of_ones_own()
        )

    @property
    def usual_tier(self) -> str:
        """The first one."""
        return next(iter(self.demands.tiers))

    @property
    def from_intended(self) -> str:
        """Kind of request: from the moment that one was meant to be asked for to the answer."""
        return f"{self.noun} accepted, from the intended moment"

    @property
    def time_to(self) -> str:
        """Name of the time from the moment that one was wanted to its end, among Locust's requests."""
        return f"time to {self.noun}"

    @property
    def notes(self) -> str:
        """Name of the file with a line for each that was asked for."""
        return f"{self.nouns}.ndjson"
