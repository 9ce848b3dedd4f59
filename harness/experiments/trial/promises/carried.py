"""The declared load: a burst ends in time."""

import time

from harness.evidence.checks.finding import Finding
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.row import judged
from harness.experiments.trial.stage import ENDS_SECONDS, NotPlayedError, Stage

PERCENT = 0.95


def play(stage: Stage) -> Finding:
    """Ask for a burst, and measure the time until each piece has ended."""
    load = stage.app.loads.get(stage.work.name)
    if load is None:
        raise NotPlayedError(f"no load is declared: app.load({stage.work.name!r}, burst=..., drain_s=...)")
    began = time.monotonic()
    asked = [stage.must_ask() for _ in range(max(load.burst, 1))]
    took: dict[str, float] = {}
    deadline = load.drain_s or ENDS_SECONDS

    def watch() -> bool:
        for one in asked:
            if one.id not in took and stage.ended(one.id):
                took[one.id] = time.monotonic() - began
        return len(took) == len(asked)

    stage.wait(watch, deadline)
    faults = []
    if len(took) < len(asked):
        faults.append(f"{len(asked) - len(took)} of {len(asked)} had not ended after {deadline:g} s")
    times = sorted(took.values())
    p95 = times[min(len(times) - 1, int(PERCENT * len(times)))] if times else 0.0
    if load.done_p95_s and p95 > load.done_p95_s:
        faults.append(f"95 of 100 ended within {p95:.1f} s, and {load.done_p95_s:g} s are declared")
    return judged(
        faults, f"{len(asked)} came at once, and the last one ended after {max(times, default=0.0):.1f} s"
    )


CARRIED = Promise(
    name="carried",
    sentence="What is declared to come at once has ended in time",
    mend="more places for workers, or less work in each task",
    play=play,
    applies=lambda app: any(load.burst or not load.per_hour for load in app.loads.values()),
)
