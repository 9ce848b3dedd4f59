"""How much slower this machine is now than one on which a promised time can be judged: one factor, which makes every wait longer."""

import os
import statistics
import time
from functools import cache, lru_cache

VARIABLE = "HARNESS_PACE"  # sets the factor instead of a measurement
MEASURED = "HARNESS_PACE_MEASURED"  # passes the measured factor on to the processes that are started later
REFERENCE_SECONDS = 0.008  # of a sample on the idle 2-core machine for which the waits were chosen
SAMPLES = 15
ADDITIONS = 200_000
TELLS = 1.25  # on a machine up to so many times slower, a promised time can still be judged
SLOWEST = 20.0  # the largest factor: on a slower machine waiting makes no sense
CROWD = "HARNESS_PACE_CROWD"  # passes on how many processes share a core
NOW_SAMPLES = 5  # for `slowness`, which is asked after each scenario
NOW_SECONDS = 10.0  # for which such an answer is used again


class TooSlowToTellError(Exception):
    """A promised time was not kept, but the machine is so slow that this says nothing about the promise.

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
    """The factor for all waits: 1 on a machine that is fast enough or faster.

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
    """How many times too slow the machine is now to judge a promised time: 1 where it can be judged.

    Several processes that mostly wait need more patience, but do not make a core slower. So this is not `factor`, which counts
    them, but the factor that was set, or else one that is measured now.
    """
    if os.environ.get(VARIABLE):
        return factor()
    return _slowness(int(time.monotonic() / NOW_SECONDS))


def patience() -> float:
    """The factor for a wait that would be given up now: `factor`, or more where the machine has become slower since."""
    if os.environ.get(VARIABLE):
        return factor()
    return max(factor(), min(slowness() * _crowd(), SLOWEST))


def _crowd() -> float:
    return float(os.environ.get(CROWD, "1"))


@lru_cache(maxsize=1)
def _slowness(_when: int) -> float:
    return measured(NOW_SAMPLES)


def begin(processes: int) -> float:
    """Measure the factor at the begin of a test run, unless it was set.

    Args:
        processes: how many will play scenarios at once; if they are more than there are cores, they slow each other down.

    Returns:
        The factor, for the run's header.

    Raises:
        ValueError: see `factor`.
    """
    if not os.environ.get(VARIABLE):
        # A session that is started by a test of another session shares the machine with the other's workers.
        crowd = max(_crowd(), processes / (os.cpu_count() or 1))
        os.environ[CROWD] = f"{crowd:.2f}"
        os.environ[MEASURED] = f"{min(measured() * crowd, SLOWEST):.2f}"
        factor.cache_clear()
    return factor()


def measured(samples: int = SAMPLES) -> float:
    """The factor now: the time that a few samples of work take, over the time that they should take.

    Args:
        samples: how many.
    """
    found = statistics.mean(_sample() for _ in range(samples)) / REFERENCE_SECONDS
    return min(found, SLOWEST) if found > TELLS else 1.0


def _sample() -> float:
    """Seconds that a sample takes, by wall clock: so other processes on the machine count, too."""
    began = time.perf_counter()
    total = 0
    for number in range(ADDITIONS):
        total += number
    return time.perf_counter() - began
