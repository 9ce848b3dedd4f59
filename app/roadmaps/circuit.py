"""Spares a provider that is down: after failures in a row it allows one call at a time, each after a pause.

Each pool child, which is one event loop, has its own: its state is only a guess about the provider, and need not be shared.
See docs/decisions/020-a-circuit-waits-before-it-counts.md.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)
PACED_CALLS = 8
LONGEST_PACE_SECONDS = 0.5


class Circuit:
    """Lets calls pass, or makes them wait.

    Args:
        failures: in a row that open the circuit.
        seconds: without a call after the last failure.
        clock: monotonic, in seconds.
    """

    def __init__(self, failures: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = failures
        self._seconds = seconds
        self._clock = clock
        self._failures = 0
        self._closed_until = -float("inf")
        self._pace = 0.0
        self._paced = 0
        self._changed = asyncio.Event()
        self._turn = asyncio.Lock()

    async def passage(self) -> None:
        """Return when a call may be sent; calls pass in the order in which they came.

        Else whoever comes at the right moment would pass before those that wait, and one call could meet a limit again and again.
        """
        async with self._turn:
            await self._passage()

    async def _passage(self) -> None:
        while (left := self._closed_until - self._clock()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._changed.wait()
        if self._failures >= self._most:
            # One call may pass, and all others wait: the next call passes when the first has succeeded, or after a pause, even if the
            # first call never ends.
            self._closed_until = self._clock() + self._seconds
        elif self._paced:
            self._paced -= 1
            self._closed_until = self._clock() + self._pace

    def succeeded(self) -> None:
        """Note that the provider has answered, even with a refusal."""
        if self._failures >= self._most:
            log.info("the provider answers again")
            self._let_pass(-float("inf"))
        self._failures = 0

    def failed(self) -> None:
        """Note that the provider did not answer, or said that it could not."""
        self._failures += 1
        if self._failures >= self._most:
            log.warning(
                "the provider is down: %d failures in a row, next call in %g s", self._failures, self._seconds
            )
            self._closed_until = self._clock() + self._seconds

    def pause(self, seconds: float) -> None:
        """Note that the provider asks for a pause: every call waits for it, and the next calls go one after the other.

        If all calls went at once, they would meet the same limit again and use up their attempts. So would calls that follow too soon,
        because the requested wait is only that for the next call: each call that meets the limit doubles the distance.
        """
        wanted = max(seconds, 2 * self._pace) if self._paced else seconds
        self._pace, self._paced = min(wanted, LONGEST_PACE_SECONDS), PACED_CALLS
        self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _let_pass(self, since: float) -> None:
        self._closed_until = since
        self._changed.set()
        self._changed = asyncio.Event()
