"""kombu's Redis transport, but for two things that end a worker: what is no message, and a channel closed while Redis is gone.

Whoever can write to Redis must not be able to end a worker. And kombu reads the answer to its open question for work before it
closes a channel: where that fails, the error goes to who wanted to close, the channel is left half closed, and its transport
is taken away; closing it once more wants to hand messages back, misses the transport, and that ends the whole worker
(scenarios/faults/test_broker_link.py).
"""

import contextlib
import logging
from queue import Empty
from typing import Any

import kombu.transport
from kombu.transport import redis

log = logging.getLogger(__name__)
SHOWN = 200  # characters of what is wrong


def _thrown_away(error: Exception) -> None:
    """Redis has given it out already, so it does not come again."""
    log.error("thrown away what is not a message: %s", f"{type(error).__name__}: {error}"[:SHOWN])


class Channel(redis.Channel):
    """A channel that goes on after what is not even JSON, and is closed for good at the first try."""

    # kombu's own, which its types leave out
    _in_poll: object
    connection_errors: tuple[type[Exception], ...]

    def close(self) -> None:
        """Close all of it; what cannot be read any more is left unread: the sweeper sends again what it was."""
        if self._in_poll:
            with contextlib.suppress(Empty, *self.connection_errors):
                self._brpop_read()
        super().close()

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # it is there
        except (ValueError, RecursionError) as error:
            _thrown_away(error)
            return True


class Transport(redis.Transport):
    """A transport that goes on after JSON that lacks what makes it a message."""

    Channel = Channel

    def _deliver(self, message: Any, queue: str | None) -> None:
        try:
            super()._deliver(message, queue)
        except (TypeError, AttributeError, LookupError) as error:
            _thrown_away(error)
            self._settle(message)

    def _settle(self, message: Any) -> None:
        """Give back the slot that it has taken up; else it would be handed out again after each reconnect, for ever."""
        properties = message.get("properties") if isinstance(message, dict) else None
        tag = properties.get("delivery_tag") if isinstance(properties, dict) else None
        for channel in self.channels or ():
            if tag in (channel.qos._delivered or ()):  # noqa: SLF001 - kombu has no other way to ask
                channel.basic_reject(str(tag), requeue=False)


def install() -> None:
    """Let every address of Redis lead here, with TLS or without."""
    for scheme in ("redis", "rediss"):
        kombu.transport.TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
