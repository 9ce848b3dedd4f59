"""How fast this machine is right now: a number that must not change while something is measured on it."""

import statistics
import time

PIECES = 24
LOOPS = 1_000_000


def calibrate() -> float:
    """Seconds of wall clock that a fixed piece of work takes: the lower quartile of several, for some will be interrupted."""
    return statistics.quantiles((_piece() for _ in range(PIECES)), n=4)[0]


def _piece() -> float:
    began = time.perf_counter()
    sum(range(LOOPS))
    return time.perf_counter() - began
