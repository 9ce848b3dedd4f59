"""Celery's consumer, which pauses where Redis lets it in and then refuses what it asks.

A link that is lost is made anew at once, as it should be. One that a Redis gives and then refuses to serve, because of an ACL or of a command that
its plan leaves out, would be lost and made anew a dozen times a second.
"""

import time

from celery.worker import consumer
from celery.worker.state import maybe_shutdown
from redis.exceptions import ResponseError

LONGEST_PAUSE_SECONDS = 30
CALM_SECONDS = 60  # a link that held for so long begins a new count
LOOK_SECONDS = 0.1  # so soon a signal that ends the worker is heard


class Consumer(consumer.Consumer):
    """Waits a second after a refusal, and twice as long after each one that follows."""

    _refusals = 0
    _refused_at = 0.0

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Let go of the link, and wait where Redis refused.

        Args:
            exc: by which it was lost.
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
        """Raises what Celery does where a signal ends the worker meanwhile."""
        until: float = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            maybe_shutdown()
            time.sleep(min(left, LOOK_SECONDS))
