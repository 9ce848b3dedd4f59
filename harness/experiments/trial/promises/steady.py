"""The declared load by the hour: all of it is done, and 95 of 100 in time."""

import math
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from harness.application import Load
from harness.base.pace import TELLS, slowness
from harness.evidence.checks.finding import Finding, Outcome
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.stage import ENDS_SECONDS, Asked, NotPlayedError, Stage

PIECES = 60  # smallest number of pieces that proves 95 of 100 if none is late, with a certainty of 95 %
WATCHED_SECONDS = 45.0  # longest time, in seconds, in which they come; a smaller load is made faster
SHARE = 0.05
CERTAIN = 0.05
POLL_SECONDS = 0.05
HOUR = 3600.0


@dataclass(slots=True)
class Run:
    """The arrivals and their outcomes.

    Args:
        hourly: pieces that came by the hour.
        asked: the answers to the client.
        took: seconds from the moment at which each was to come, by its id, to its end.
        lost: sentences about work that did not end, or was done twice.
        slow: how many times too slow the machine was.
    """

    hourly: float
    asked: list[Asked] = field(default_factory=list)
    took: dict[str, float] = field(default_factory=dict)
    lost: Sequence[str] = ()
    slow: float = 1.0

    @classmethod
    def of(cls, stage: Stage, load: Load) -> Self:
        """Let them come at random, as people do, and watch each to its end.

        Args:
            stage: to play on.
            load: how many come.
        """
        rate = max(load.per_hour / HOUR, PIECES / WATCHED_SECONDS)
        run = cls(rate * HOUR)
        chance = random.Random(PIECES)  # noqa: S311 - the same in each run
        began = time.monotonic()
        due, open_ones = 0.0, dict[str, float]()
        for _ in range(PIECES):
            due += chance.expovariate(rate)
            while time.monotonic() - began < due:
                run._watch(stage, open_ones, began)
                time.sleep(max(0.0, min(POLL_SECONDS, due - (time.monotonic() - began))))
            asked = stage.ask()
            run.asked.append(asked)
            if asked.id:
                open_ones[asked.id] = due
        drain = load.drain_s or ENDS_SECONDS
        stage.wait(lambda: run._watch(stage, open_ones, began), drain, poll=POLL_SECONDS)
        ledger = stage.ledger()
        faults = [ledger.nothing_lost(drain), ledger.nothing_doubled()]
        run.lost = [fact for found in faults if found.outcome is Outcome.VIOLATED for fact in found.facts]
        run.slow = slowness()
        return run

    def _watch(self, stage: Stage, open_ones: dict[str, float], began: float) -> bool:
        for accepted, due in [*open_ones.items()]:
            if stage.ended(accepted):
                self.took[accepted] = time.monotonic() - began - due
                del open_ones[accepted]
        return not open_ones


def judge(run: Run, load: Load) -> Finding:
    """Judge whether all was done, and 95 of 100 in time, with the certainty that the number of pieces allows.

    Args:
        run: that was watched.
        load: that is declared.
    """
    refused = Counter(asked.said for asked in run.asked if not asked.id)
    faults = [f"{number} were not accepted: {said}" for said, number in refused.most_common(2)] + [*run.lost]
    came = f"{len(run.asked)} came at {run.hourly:.0f} an hour"
    if faults:
        return Finding(Outcome.VIOLATED, (came, *faults))
    if not run.took:
        return Finding.unknown("nothing was asked for")
    if not load.done_p95_s:
        return Finding(Outcome.HOLDS, (f"{came}, and all ended",))
    late = sum(seconds > load.done_p95_s for seconds in run.took.values())
    said = f"{came}; {late} of {len(run.took)} took longer than {load.done_p95_s:g} s"
    if _at_most(late, len(run.took)) < CERTAIN:
        return Finding(Outcome.HOLDS, (said,))
    excuse = _excuse(run, load, late)
    return Finding.unknown(said + excuse) if excuse else Finding(Outcome.VIOLATED, (said,))


def _excuse(run: Run, load: Load, late: int) -> str:
    """Why so many late ones prove nothing; empty where they prove a violation."""
    if 1 - _at_most(late - 1, len(run.took)) >= CERTAIN:
        return ": whether 95 of 100 do not, a longer load test would tell"
    if run.slow > TELLS:
        return f", on a machine that is {run.slow:.1f} times too slow to tell"
    if run.hourly > load.per_hour:
        return f": that is quicker than the {load.per_hour:g} an hour that are declared"
    return ""


def _at_most(late: int, count: int) -> float:
    """The probability of so few late ones or fewer, if exactly 5 of 100 are late (the binomial distribution)."""
    return sum(
        math.comb(count, number) * SHARE**number * (1 - SHARE) ** (count - number)
        for number in range(late + 1)
    )


def play(stage: Stage) -> Finding:
    """Play the load."""
    load = stage.app.loads.get(stage.work.name)
    if load is None or not load.per_hour:
        raise NotPlayedError(f"no load by the hour is declared: app.load({stage.work.name!r}, per_hour=...)")
    return judge(Run.of(stage, load), load)


STEADY = Promise(
    name="steady",
    sentence="What is declared to come by the hour is all done, and 95 of 100 in time",
    mend="more places for workers, or less work in each task; a load test says how many",
    play=play,
    applies=lambda app: any(load.per_hour for load in app.loads.values()),
)
