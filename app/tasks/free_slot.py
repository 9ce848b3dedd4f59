"""Whether a worker has had a free slot, and got no message, for so long that work which waits should have come."""

import time
from collections.abc import Callable


class FreeSlot:
    """What a worker knows of its slots.

    Args:
        slots: how many it has.
        limit: seconds without a message that are too long while work waits.
        clock: monotonic, in seconds.
    """

    def __init__(self, slots: int, limit: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._slots = slots
        self._limit = limit
        self._clock = clock
        self._taken = self._begun = clock()
        # When the last message had come, at the last look that saw a free slot.
        self._seen: float | None = None

    @property
    def idle(self) -> float:
        """Seconds since the last message."""
        return self._clock() - self._taken

    def took(self) -> None:
        """Note that a message has just come."""
        self._taken = self._clock()

    def begun_anew(self) -> None:
        """Note that the consumer begins anew, so that the next time does not come too early."""
        self._begun = self._clock()

    def for_long(self, reserved: int) -> bool:
        """Look whether it is so: a slot is free, now and at the last look, and no message has come for too long.

        One look alone may fall into the moment between the end of a long task and the next message.

        Args:
            reserved: messages that the worker has.
        """
        before, self._seen = self._seen, self._taken if reserved < self._slots else None
        return self._seen is not None and self._seen == before and self._since() >= self._limit

    def _since(self) -> float:
        return min(self.idle, self._clock() - self._begun)
