"""Celery's consumer, which pauses if Redis accepts the connection and then refuses its commands.

A lost link is made again at once, as it should be. If Redis accepts a link and then refuses its commands, because of an ACL or a
limited plan, the link would be lost and made again a dozen times a second.
"""

import time

from celery.worker import consumer
from celery.worker.state import maybe_shutdown
from redis.exceptions import ResponseError

LONGEST_PAUSE_SECONDS = 30
CALM_SECONDS = 60  # a link that held for so long begins a new count
LOOK_SECONDS = 0.1  # within this time the worker notices a signal to end


class Consumer(consumer.Consumer):
    """Waits a second after a refusal, and twice as long after each further refusal."""

    _refusals = 0
    _refused_at = 0.0

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Close the link, and wait if Redis refused.

        Args:
            exc: the error that ended the link.
        """
        super().on_connection_error_after_connected(exc)
        if isinstance(exc, ResponseError):
            self._wait(self._pause(time.monotonic()))

    def _pause(self, now: float) -> float:
        """Seconds until the next try."""
        self._refusals = self._refusals + 1 if now - self._refused_at < CALM_SECONDS else 1
        pause = min(2.0 ** (self._refusals - 1), LONGEST_PAUSE_SECONDS)
        self._refused_at = now + pause
        return pause

    @staticmethod
    def _wait(seconds: float) -> None:
        """Wait. Raises Celery's own exceptions if a signal ends the worker meanwhile."""
        until: float = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            maybe_shutdown()
            time.sleep(min(left, LOOK_SECONDS))
