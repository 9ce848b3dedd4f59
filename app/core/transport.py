"""kombu's Redis transport, but for what ends a worker: what is no message, and a channel closed while Redis is gone.

Whoever can write to Redis must not be able to end a worker, be it by a queue, a broadcast, or among what a worker has taken. And kombu
reads the answer to its open question for work before it closes a channel: where that fails, the error goes to who wanted to close, the
channel is left half closed, and its transport is taken away; closing it once more wants to hand messages back, misses the transport, and
that ends the whole worker (scenarios/faults/test_broker_link.py).
"""

import contextlib
import logging
from collections.abc import Iterator
from queue import Empty
from typing import Any

import kombu.transport
from amqp import ChannelError
from kombu.exceptions import OperationalError
from kombu.transport import redis
from redis.exceptions import ConnectionError, DataError, RedisError, ResponseError  # noqa: A004 - the client's

from app.core import envelope
from app.core.redis_trouble import TRIAL

log = logging.getLogger(__name__)
SHOWN = 200  # characters of what is wrong
# Redis is in trouble: no fault of the message, and the consumer knows what to do. Of what cannot even be said to it, it knows nothing.
_REDIS = (RedisError, OSError, OperationalError, ChannelError)


def _thrown_away(error: Exception) -> None:
    """Redis has given it out already, so it does not come again."""
    log.error("thrown away what is not a message: %s", f"{type(error).__name__}: {error}"[:SHOWN])


class QoS(redis.QoS):
    """What a worker has taken and not acknowledged; among it may be what nobody has taken."""

    def restore_by_tag(self, tag: Any, client: Any = None, leftmost: bool = False) -> None:
        """Hand one back; what cannot be read is thrown away, or what comes after it would never be handed back."""
        try:
            super().restore_by_tag(tag, client, leftmost)
        except Exception as error:  # whatever somebody has laid there
            if isinstance(error, _REDIS) and not isinstance(error, DataError):
                raise
            _thrown_away(error)
            self._remove_from_indices(tag).execute()  # type: ignore[attr-defined]  # it is there


class Channel(redis.Channel):
    """A channel that goes on after what is not even JSON, and is closed for good at the first try."""

    QoS = QoS
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

    def _receive_one(self, connection: Any) -> Any:
        try:
            return super()._receive_one(connection)  # type: ignore[misc]  # it is there
        except (ValueError, RecursionError) as error:
            _thrown_away(error)
            return True


class Channels(set[Channel]):
    """Walked over as it is when the walk begins: kombu's timers ask every channel, and one that cannot answer is closed meanwhile."""

    def __iter__(self) -> Iterator[Channel]:
        return iter(tuple(super().__iter__()))


class Transport(redis.Transport):
    """A transport that goes on after JSON that is no message of ours."""

    Channel = Channel

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cycle._channels = Channels()  # type: ignore[union-attr] # noqa: SLF001 - kombu has no other way to say so

    _avail_channels: list[Any]  # kombu's own, which its types leave out

    def establish_connection(self) -> Any:
        """A link to a Redis that takes writes.

        To one that refuses them every other thing succeeds, so a worker would lose it and have it back dozens of times a second;
        what cannot be connected to is tried again ever more slowly.

        Raises:
            redis.exceptions.ConnectionError: it refuses, that or what comes before it; with its own words.
        """
        try:
            made = super().establish_connection()
            with self._avail_channels[-1].conn_or_acquire() as client:
                client.execute_command(*TRIAL)
        except Exception as error:  # whatever it is, who asks is told, and the half of a link is closed
            with contextlib.suppress(*_REDIS):  # it cannot be told of it
                self.close_connection(self)  # type: ignore[arg-type]  # kombu has itself for its connection
            if isinstance(error, ResponseError):
                raise ConnectionError(str(error)) from error
            raise
        return made

    def _deliver(self, message: Any, queue: str | None) -> None:
        try:
            message = envelope.checked(message)
        except envelope.EnvelopeError as error:
            _thrown_away(error)
            return
        try:
            super()._deliver(message, queue)
        except _REDIS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it came of this one message
            _thrown_away(error)
            self._settle(message["properties"]["delivery_tag"])

    def _settle(self, tag: str) -> None:
        """Give back the slot that it has taken up; else it would be handed out again after each reconnect, for ever."""
        for channel in self.channels or ():
            if tag in (channel.qos._delivered or ()):  # noqa: SLF001 - kombu has no other way to ask
                channel.basic_reject(tag, requeue=False)


def install() -> None:
    """Let every address of Redis lead here, with TLS or without."""
    for scheme in ("redis", "rediss"):
        kombu.transport.TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
