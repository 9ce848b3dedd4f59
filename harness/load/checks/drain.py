"""Whether a burst is done in the time that the slots need for it, with a tolerance of a quarter."""

import numpy as np

from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Sentence, at_most
from harness.load.locust.demands import Demand
from harness.load.model import drain_seconds
from harness.load.record import Replicate, Run

MOST_TIMES = 1.25


def drain(run: Run, demand: Demand, test: LoadTest) -> list[Sentence]:
    """The time from a burst to its last end, against the fluid limit; and the promise of the tier."""
    found = []
    for one in run.bursts():
        if lost := sum(job.completed is None for job in one.jobs):
            found.append(
                Sentence(
                    about="burst",
                    grade=Grade.FAIL,
                    said=f"{lost} of {len(one.jobs)} {test.nouns} failed, or never ended",
                    role=test.worker,
                )
            )
            continue
        measured = drained(one)
        about = f"drain of {len(one.jobs)}, times what the slots need"
        if all(job.done for job in one.jobs):
            expected = expected_drain(one, run.row.processes[test.worker])
            found.append(at_most(about, measured / expected, MOST_TIMES, role=test.worker))
        else:
            said = "nobody saw when a slot began"
            found.append(Sentence(about=about, grade=Grade.NOT_JUDGED, said=said))
        seconds = measured * run.speed * demand.objectives.burst / max(len(one.jobs), 1)
        about = f"drain of the tier's burst of {demand.objectives.burst}"
        found.append(at_most(about, seconds, demand.objectives.drain_s, "s", role=test.worker))
    return found or [Sentence(about="drain", grade=Grade.NOT_JUDGED, said="there was no burst")]


def drained(one: Replicate) -> float:
    """Seconds from the first arrival to the last end."""
    return max(job.completed or 0 for job in one.jobs) - min(job.intended for job in one.jobs)


def expected_drain(one: Replicate, slots: int) -> float:
    """Seconds of the fluid limit and one more service: that of the last job, which the other slots cannot share."""
    mean = float(np.mean(one.service()))
    return drain_seconds(len(one.jobs), mean, slots) + mean * (slots - 1) / slots
