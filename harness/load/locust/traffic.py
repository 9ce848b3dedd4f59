"""The requests to an application under load, as far as the Locust process must know them."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.load.locust.demands import Demands, Workload

TABLE = "LOADTEST_TABLE"  # environment variable, so that generator and judge know it in their processes, too


def table_of_ones_own() -> Path | None:
    """The file with the user's own rows; None for the application's."""
    named = os.environ.get(TABLE)
    return Path(named) if named else None


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """The half of a load test's declaration for the generator; the other half, LoadTest, is for the judge.

    Args:
        noun: name of one job, such as "order"; reports, records and the tiers' file use it.
        nouns: its plural; with an s by default.
        root: the project's folder, from which `judge` can be imported.
        judge: `module:name` of the LoadTest, which this process must not import.
        tiers: the file with what each tier must carry.
        workload: a dataclass of the keys of [workloads.NAME] in that file, with `calls`, to the provider for one on average, and
            `draw`, the size of one.
        quota: unfinished jobs that one account may have, if the application limits that.
        ended_well: the outcome that counts as success; any where it is left out.
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
        """The content of the file.

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
        """Kind of request for the time from the intended moment to the answer."""
        return f"{self.noun} accepted, from the intended moment"

    @property
    def time_to(self) -> str:
        """Name among Locust's requests for the time from the moment when a job is wanted to its end."""
        return f"time to {self.noun}"

    @property
    def notes(self) -> str:
        """Name of the file with a line for each that was asked for."""
        return f"{self.nouns}.ndjson"
