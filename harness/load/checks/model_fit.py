"""Whether the queueing model explains the measurements: only then may it recommend anything."""

import numpy as np

from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Sentence, at_most
from harness.load.locust.demands import Demand
from harness.load.locust.profiles import WARM_UP
from harness.load.model import Queue, simulate
from harness.load.record import Replicate, Run

MOST_RESIDUAL = 0.25
AIM = 0.15
LEAST_JOBS = 20  # jobs: with fewer, a p95 is their maximum
MOST_BUSY = 0.95
SHARE = 0.95
NARROW_SECONDS = 1e-9
LONG = 50_000  # jobs of a simulation whose p95 is known within a few per cent


def model_fit(run: Run, _: Demand, test: LoadTest) -> list[Sentence]:
    """The p95 of the time to each job, measured against simulated, over all replicates: a single replicate is mostly chance."""
    slots = run.row.processes[test.worker]
    # Lost jobs are judged by the objectives, not by the model.
    seen = [one for one in run.steady() if sum(job.done for job in one.judged) >= LEAST_JOBS]
    if not seen:
        return [Sentence(about="model", grade=Grade.NOT_JUDGED, said="there was no steady load")]
    busy = arrival_rate(seen) * float(np.concatenate([one.service() for one in seen]).mean()) / slots
    if busy > MOST_BUSY:
        said = f"{busy:.0%} of the slots' time is asked for: the backlog grows, and no model has a percentile of that"
        return [Sentence(about="model", grade=Grade.NOT_JUDGED, said=said)]
    measured, modelled = measured_and_modelled(run, seen, slots)
    residual = measured / modelled - 1
    more = "" if abs(residual) <= AIM else f", beyond the aim of {AIM:.0%}"
    about = f"model's residual at p95: {measured:.3g} s measured, {modelled:.3g} s modelled{more}"
    found = at_most(about, abs(residual), MOST_RESIDUAL, "%", role=test.worker)
    return [found, _formula(run, seen, slots, test.worker)]


def _formula(run: Run, seen: list[Replicate], slots: int, worker: str) -> Sentence:
    """Recommendations come from a formula, so the formula is checked, too: against a long simulation of the same queue."""
    service = np.concatenate([one.service() for one in seen])
    rate = arrival_rate(seen)
    chance = np.random.default_rng(1)
    arrivals = np.cumsum(chance.exponential(1 / rate, LONG))
    drawn = chance.choice(service, LONG)
    simulated_long = float(np.quantile(simulate(arrivals, drawn, slots) + drawn, SHARE)) * run.speed
    said = Queue(slots, rate, service).quantile(SHARE) * run.speed
    about = f"formula at p95, which recommends: {said:.3g} s, {simulated_long:.3g} s simulated; off by"
    return at_most(about, abs(said / simulated_long - 1), MOST_RESIDUAL, "%", role=worker)


def arrival_rate(seen: list[Replicate]) -> float:
    """Arrivals a second, over the replicates."""
    spreads = [max(job.intended for job in one.jobs) - min(job.intended for job in one.jobs) for one in seen]
    return sum(len(one.jobs) for one in seen) / max(sum(spreads), NARROW_SECONDS)


def measured_and_modelled(run: Run, seen: list[Replicate], slots: int) -> tuple[float, float]:
    """The p95 of the time to each, seconds of the world, as the mean over the replicates.

    Args:
        run: the run, for its speed.
        seen: replicates of it.
        slots: that the row has.
    """
    measured = [float(np.quantile([job.seconds for job in one.judged if job.done], SHARE)) for one in seen]
    modelled = [simulated(one, slots, SHARE) for one in seen]
    return float(np.mean(measured)) * run.speed, float(np.mean(modelled)) * run.speed


def simulated(one: Replicate, slots: int, share: float, rounds: int = 20) -> float:
    """The quantile of the time to each, seconds, by a G/G/c queue: the run's own arrivals, its service times shuffled.

    Args:
        one: the run.
        slots: slots of the row, not those that were seen.
        share: which quantile.
        rounds: shuffles; their median is taken.
    """
    jobs = sorted((job for job in one.jobs if job.done), key=lambda job: job.intended)
    judged = np.array([job.phase != WARM_UP for job in jobs])
    arrivals = np.array([job.intended for job in jobs])
    service = np.array([job.service for job in jobs])
    way = float(np.median([_way(job.accepted, job.intended) for job in jobs]))
    chance = np.random.default_rng(1)
    found = []
    for _ in range(rounds):
        drawn = chance.permutation(service)
        found.append(float(np.quantile((simulate(arrivals, drawn, slots) + drawn + way)[judged], share)))
    return float(np.median(found))


def _way(accepted: float | None, intended: float) -> float:
    return 0.0 if accepted is None else max(accepted - intended, 0.0)
