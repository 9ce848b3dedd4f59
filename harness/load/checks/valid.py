"""Whether the run is valid: all planned requests were sent, in time, by a generator that was not itself the limit."""

import math
from dataclasses import replace

from harness.load.checks.inputs import inputs
from harness.load.checks.little import little
from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Sentence, shown_value, valid_at_most
from harness.load.locust.demands import Demand
from harness.load.locust.profiles import STEADY
from harness.load.locust.recorder import LAG
from harness.load.record import Replicate, Run

LEAST_JOBS = {"quick": 60, "standard": 300, "full": 1000, "client": 20}
LEAST_BURST = 20
LEAST_ACHIEVED = 0.98
MOST_LAG_SECONDS = 0.010
MOST_GENERATOR_CPU = 0.5
MOST_PROVIDER_CPU = 0.5
MOST_DRIFT = 0.10
MOST_USED = 0.9  # beyond this utilisation the queue's own variation is larger than any drift


def valid(run: Run, _: Demand, test: LoadTest) -> list[Sentence]:
    """Enough samples, all sent, in time, by idle machinery, and in agreement with Little's law."""
    if run.interrupted:
        return [_interrupted(len(run.replicates))]
    found = [_lost(name) for name in dict.fromkeys(name for one in run.replicates for name in one.unplayed)]
    found.extend(inputs(run, test))
    if any(sentence.about == "depth" for sentence in found):
        return found
    found.extend(_enough(run, test.nouns))
    if any(sentence.grade is Grade.INVALID for sentence in found):
        return found
    found.append(
        valid_at_most(
            "arrivals that were never sent", max(map(unsent, run.replicates)), 1 - LEAST_ACHIEVED, "%"
        )
    )
    slots = run.row.processes[test.worker]
    figures = [_disturbances(one, slots, test) for one in run.replicates]
    abouts = dict.fromkeys(about for one in figures for about in one)
    found += [max((one[about] for one in figures if about in one), key=_reached) for about in abouts]
    found += [Sentence(about="played again", grade=Grade.PASS, said=said) for said in run.played_again]
    return found if run.roles is None else [*found, *little(run, test)]


def _interrupted(replicates: int) -> Sentence:
    kept = (
        f"{replicates} replicate{'s' * (replicates != 1)} of it {'are' if replicates != 1 else 'is'} recorded"
    )
    return Sentence(about="the check", grade=Grade.INVALID, said=f"it was interrupted: {kept}")


def _lost(process: str) -> Sentence:
    return Sentence(
        about="the generator",
        grade=Grade.INVALID,
        said=f"{process} was lost, or was ended, before all its arrivals were played",
    )


def disturbed(one: Replicate, slots: int, test: LoadTest) -> list[str]:
    """Why a replicate shows the machine's state more than the row's: then it is played again.

    Args:
        one: the replicate.
        slots: that the row has.
        test: whose run.
    """
    figures = _disturbances(one, slots, test)
    return [f"{about} {found.said}" for about, found in figures.items() if found.grade is Grade.INVALID]


def _disturbances(one: Replicate, slots: int, test: LoadTest) -> dict[str, Sentence]:
    lag = one.histogram(LAG, warm_up=True).get_value_at_percentile(99) / 1e3
    found = [
        valid_at_most("schedule lag, p99", lag, MOST_LAG_SECONDS * 1000, "ms"),
        valid_at_most("CPU of the generator", one.generator_cpu, MOST_GENERATOR_CPU, "%"),
    ]
    if one.provider_cpu is not None:
        found.append(valid_at_most("CPU of the scripted provider", one.provider_cpu, MOST_PROVIDER_CPU, "%"))
    if one.calibration is not None:
        found.append(_drift(one, one.calibration, slots, test))
    return {sentence.about: sentence for sentence in found}


def _drift(one: Replicate, calibration: tuple[float, float], slots: int, test: LoadTest) -> Sentence:
    """The effect of a change of the machine's speed on a time: only a slot's own work becomes slower, and so its queue.

    The provider's time is scripted. At a utilisation u a service that is longer by a share s makes times in the system longer by
    about s / (1 - u). Where the slots were not measured, all of a service may have been their own work.
    """
    before, after = calibration
    drift, service = abs(after / before - 1), one.service()
    busy = float(service.sum())
    own = min(one.cpu_seconds.get(test.worker, busy) / busy, 1.0) if busy else 1.0
    spread = (
        max(job.intended for job in one.jobs) - min(job.intended for job in one.jobs) if one.jobs else 0.0
    )
    used = min(busy / (slots * spread), MOST_USED) if spread and one.profile in STEADY else 0.0
    found = valid_at_most("drift of this machine's speed", drift * own / (1 - used), MOST_DRIFT, "%")
    said = f"{found.said} of a time: by {shown_value(drift, '%')}, of the {own:.0%} of its time that a slot works itself"
    return replace(found, said=said)


def _reached(sentence: Sentence) -> float:
    return sentence.measured.value if sentence.measured else 0.0


def unsent(one: Replicate) -> float:
    """The share of its arrivals that were never sent."""
    return 1 - len(one.jobs) / one.planned if one.planned else 1.0


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
