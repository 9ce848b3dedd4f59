"""The speed of this machine now: it must not change during a measurement."""

import statistics
import time
from collections.abc import Callable

PIECES = 24
LOOPS = 1_000_000
APART_SECONDS = 1.0
AGREES = 0.05
TRIES = 10
QUIET_SECONDS = 30.0
STEADY_READINGS = 3
# A shared machine is hardly ever steadier; the effect of a drift is judged at the end.
QUIET = 0.25


def quiet(readings: Callable[[], float] | None = None, within: float = QUIET_SECONDS) -> bool:
    """Wait for a moment in which this machine's speed stays the same for a few seconds.

    Args:
        readings: of its speed, seconds; measured by default.
        within: seconds after which we give up.

    Returns:
        Whether there was one.
    """
    read, until = readings or reading, time.monotonic() + within
    last: list[float] = []
    while time.monotonic() < until:
        last = [*last[1 - STEADY_READINGS :], read()]
        if len(last) == STEADY_READINGS and max(last) / min(last) - 1 <= QUIET:
            return True
        time.sleep(min(APART_SECONDS, within / TRIES))
    return False


def calibrate() -> float:
    """Seconds of wall clock that a fixed piece of work takes.

    It is measured until two readings, a second apart, agree: a shared machine may be busy for a moment, and that is no drift.
        Where none agree, the last one counts.
    """
    last = reading()
    for _ in range(TRIES):
        time.sleep(APART_SECONDS)
        before, last = last, reading()
        if abs(last / before - 1) <= AGREES:
            break
    return last


def calibration_seconds() -> float:
    """How long `calibrate` takes where the first two readings agree."""
    return 2 * PIECES * reading() + APART_SECONDS


def reading() -> float:
    """The lower quartile of several pieces of work, because some are interrupted."""
    return statistics.quantiles((_piece() for _ in range(PIECES)), n=4)[0]


def _piece() -> float:
    began = time.perf_counter()
    sum(range(LOOPS))
    return time.perf_counter() - began
