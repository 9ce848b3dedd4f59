"""How much slower this machine is now than one on which a promised time can be judged: one factor, by which every wait stretches."""

import os
import statistics
import time
from functools import cache, lru_cache

VARIABLE = "HARNESS_PACE"  # says the factor, instead of a measurement
MEASURED = "HARNESS_PACE_MEASURED"  # as whoever is started from the one that measured is told it
REFERENCE_SECONDS = 0.008  # a sample on the 2-core machine on which waits were set, with nothing else to do
SAMPLES = 15
ADDITIONS = 200_000
TELLS = 1.25  # up to so many times slower, it can be told whether a promised time was kept
SLOWEST = 20.0  # beyond it nothing is worth waiting for
CROWD = "HARNESS_PACE_CROWD"  # processes that share a core, likewise
NOW_SAMPLES = 5  # for `slowness`, which is asked after each scenario
NOW_SECONDS = 10.0  # that such an answer is good for


class TooSlowToTellError(Exception):
    """A promised time was not kept, on a machine so slow that this says nothing of who has promised it.

    Args:
        what: was promised.
        seconds: it took.
        promised: seconds.
        slow: how many times too slow the machine was then; see `slowness`.
        verb: what it did for so many seconds.
    """

    def __init__(self, what: str, seconds: float, promised: float, slow: float, verb: str = "took") -> None:
        super().__init__(
            f"unknown: {what} {verb} {seconds:.1f} s, {promised:g} s are promised; "
            f"this machine is {slow:.1f} times too slow to tell ({VARIABLE} says otherwise)"
        )
        self.slow = slow


@cache
def factor() -> float:
    """By what waits stretch: 1 on a machine that is fast enough, also on one that is faster.

    It is measured once, and handed on to every process that is started from this one.

    Raises:
        ValueError: the variable is no number of at least 1.
    """
    name = VARIABLE if os.environ.get(VARIABLE) else MEASURED
    if not (said := os.environ.get(name, "")):
        os.environ[name] = said = f"{measured():.2f}"
    try:
        found = float(said)
    except ValueError:
        found = 0.0
    if not 1 <= found <= SLOWEST:
        raise ValueError(f"{name}: {said!r} is no number from 1 to {SLOWEST:g}")
    return found


def slowness() -> float:
    """How many times too slow the machine is by now to tell whether a promised time was kept: 1 where it can be told.

    Several processes that mostly wait need more patience, but do not make a core slower: so it is not `factor`, which counts
    them, but what was said, or else what is measured now.
    """
    if os.environ.get(VARIABLE):
        return factor()
    return _slowness(int(time.monotonic() / NOW_SECONDS))


def patience() -> float:
    """By what a wait stretches that would be given up now: the factor, or more where the machine has become slower since."""
    if os.environ.get(VARIABLE):
        return factor()
    return max(factor(), min(slowness() * _crowd(), SLOWEST))


def _crowd() -> float:
    return float(os.environ.get(CROWD, "1"))


@lru_cache(maxsize=1)
def _slowness(_when: int) -> float:
    return measured(NOW_SAMPLES)


def begin(processes: int) -> float:
    """Measure the factor as a test run begins, unless it was said.

    Args:
        processes: that will play scenarios at once; more of them than there are cores slow each other down.

    Returns:
        The factor, for the run's header.

    Raises:
        ValueError: see `factor`.
    """
    if not os.environ.get(VARIABLE):
        # A session that another session's test starts has the other's workers beside it.
        crowd = max(_crowd(), processes / (os.cpu_count() or 1))
        os.environ[CROWD] = f"{crowd:.2f}"
        os.environ[MEASURED] = f"{min(measured() * crowd, SLOWEST):.2f}"
        factor.cache_clear()
    return factor()


def measured(samples: int = SAMPLES) -> float:
    """The factor of this moment: what a few samples of work take, whoever else is at work, over what they should.

    Args:
        samples: how many.
    """
    found = statistics.mean(_sample() for _ in range(samples)) / REFERENCE_SECONDS
    return min(found, SLOWEST) if found > TELLS else 1.0


def _sample() -> float:
    """Seconds that it takes, by the clock on the wall: who else is at work counts."""
    began = time.perf_counter()
    total = 0
    for number in range(ADDITIONS):
        total += number
    return time.perf_counter() - began
