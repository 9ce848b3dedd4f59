"""Whether the run says anything at all: what was to be asked was asked, in time, by a generator that was not itself the limit."""

import math
from dataclasses import replace

import numpy as np

from harness.load.checks.inputs import inputs
from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Sentence, valid_at_most
from harness.load.locust.demands import Demand
from harness.load.locust.recorder import LAG
from harness.load.record import Replicate, Run

LEAST_JOBS = {"quick": 60, "standard": 300, "full": 1000, "client": 20}
LEAST_BURST = 20
LEAST_ACHIEVED = 0.98
MOST_LAG_SECONDS = 0.010
MOST_GENERATOR_CPU = 0.5
MOST_PROVIDER_CPU = 0.5
MOST_DRIFT = 0.10
MOST_LITTLE = 0.10
LEAST_LOOKS = 100


def valid(run: Run, _: Demand, test: LoadTest) -> list[Sentence]:
    """Enough samples, all sent, in time, by idle machinery, and in agreement with Little's law."""
    found = [_lost(name) for name in dict.fromkeys(name for one in run.replicates for name in one.unplayed)]
    found.extend(inputs(run, test))
    if any(sentence.about == "depth" for sentence in found):
        return found
    found.extend(_enough(run, test.nouns))
    if any(sentence.grade is Grade.INVALID for sentence in found):
        return found
    missing = max(1 - len(one.jobs) / one.planned if one.planned else 1.0 for one in run.replicates)
    found.append(valid_at_most("arrivals that were never sent", missing, 1 - LEAST_ACHIEVED, "%"))
    lag = max(one.histogram(LAG, warm_up=True).get_value_at_percentile(99) / 1e6 for one in run.replicates)
    found.append(valid_at_most("schedule lag, p99", lag * 1000, MOST_LAG_SECONDS * 1000, "ms"))
    cpu = max(one.generator_cpu for one in run.replicates)
    found.append(valid_at_most("CPU of the generator", cpu, MOST_GENERATOR_CPU, "%"))
    provider = [one.provider_cpu for one in run.replicates if one.provider_cpu is not None]
    if provider:
        found.append(valid_at_most("CPU of the scripted provider", max(provider), MOST_PROVIDER_CPU, "%"))
    drifts = [abs(after / before - 1) for before, after in _calibrations(run)]
    if drifts:
        found.append(valid_at_most("drift of this machine's speed", max(drifts), MOST_DRIFT, "%"))
    little = [law for law in map(little_error, wholes(run)) if law is not None]
    if little:
        found.append(valid_at_most("Little's law, error", max(little), MOST_LITTLE, "%"))
    return found


def _lost(process: str) -> Sentence:
    return Sentence(
        about="the generator",
        grade=Grade.INVALID,
        said=f"{process} was lost, or was ended, before all its arrivals were played",
    )


def _enough(run: Run, nouns: str) -> list[Sentence]:
    """Jobs in the smallest replicate; of a Poisson process fewer than 250 of 300 come once in a thousand runs."""
    wanted = LEAST_JOBS[run.depth]
    found = []
    loaded = [one for one in run.replicates if one.profile != "burst"]
    if loaded or run.depth not in {"quick", "client"}:
        asked = min((len(one.judged) for one in loaded), default=0)
        least = wanted if run.depth == "client" else wanted - 3 * math.sqrt(wanted)
        found.append(_at_least(f"{nouns} in each replicate", asked, least, wanted))
    bursts = run.bursts()
    if bursts or not loaded:
        asked = min((len(one.judged) for one in bursts), default=0)
        found.append(_at_least(f"{nouns} in each burst", asked, LEAST_BURST, LEAST_BURST))
    return found


def _at_least(about: str, asked: int, least: float, wanted: int) -> Sentence:
    grade = Grade.PASS if asked >= max(least, 1) else Grade.INVALID
    return Sentence(about=about, grade=grade, said=f"{asked} of about {wanted}")


def _calibrations(run: Run) -> list[tuple[float, float]]:
    return [one.calibration for one in run.replicates if one.calibration is not None]


def wholes(run: Run) -> list[Replicate]:
    """Parts of one run of the generator put together again: the probes cannot tell whose jobs they count."""
    groups: dict[float, list[Replicate]] = {}
    for one in run.replicates:
        groups.setdefault(one.began, []).append(one)
    return [
        replace(group[0], jobs=tuple(job for one in group for job in one.jobs)) for group in groups.values()
    ]


def little_error(one: Replicate) -> float | None:
    """How far the jobs in the making, counted by the probes, are from rate times time; None where nobody counted."""
    done = [job for job in one.jobs if job.completed is not None and job.accepted is not None]
    if len(one.samples) < 10 or not done:  # noqa: PLR2004 - too few to integrate
        return None
    began = min(job.accepted for job in done if job.accepted is not None)
    ended = max(job.completed for job in done if job.completed is not None)
    inside = [sample for sample in one.samples if began <= sample.at <= ended]
    if len(inside) < 10:  # noqa: PLR2004
        return None
    times = np.array([sample.at for sample in inside])
    making = np.array([sample.queued + sample.running for sample in inside], dtype=float)
    counted = float(np.trapezoid(making, times))
    known = sum(_overlap(job.accepted or 0, job.completed or 0, times[0], times[-1]) for job in done)
    seen = known / float(np.diff(times).mean())  # looks, each at one of them: of few the count is chance
    return abs(counted / known - 1) if seen >= LEAST_LOOKS else None


def _overlap(low: float, high: float, began: float, ended: float) -> float:
    return max(min(high, ended) - max(low, began), 0.0)
