"""kombu's Redis transport without two faults that end a worker: an invalid message, and a channel that is closed while Redis is away.

Anybody who can write to Redis must not be able to end a worker, whether by a queue, a broadcast, or the list of taken messages. And kombu
reads the answer to its pending BRPOP before it closes a channel. If that read fails, the close raises and leaves the channel half closed,
without its transport; a second close wants to hand messages back, misses the transport, and ends the whole worker
(scenarios/faults/test_broker_link.py).
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
SHOWN = 200  # characters of the error
# Errors of Redis itself: the message is not at fault, and the consumer handles them. It does not handle a command that cannot be encoded.
_REDIS = (RedisError, OSError, OperationalError, ChannelError)


def _thrown_away(error: Exception) -> None:
    """Log that a message was dropped. Redis has already given it out, so it does not come again."""
    log.error("thrown away what is not a message: %s", f"{type(error).__name__}: {error}"[:SHOWN])


class QoS(redis.QoS):
    """The messages that a worker has taken and not acknowledged; a stranger may have added others to them."""

    def restore_by_tag(self, tag: Any, client: Any = None, leftmost: bool = False) -> None:
        """Hand one message back; an unreadable one is dropped, because it would keep those after it from being handed back."""
        try:
            super().restore_by_tag(tag, client, leftmost)
        except Exception as error:  # a stranger may have put anything there
            if isinstance(error, _REDIS) and not isinstance(error, DataError):
                raise
            _thrown_away(error)
            self._remove_from_indices(tag).execute()  # type: ignore[attr-defined]  # it is there


class Channel(redis.Channel):
    """A channel that continues after a message that is not JSON, and that closes completely at the first try."""

    QoS = QoS
    # kombu's own, which its types leave out
    _in_poll: object
    connection_errors: tuple[type[Exception], ...]

    def close(self) -> None:
        """Close the whole channel; an answer that cannot be read any more is lost: the sweeper sends its message again."""
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
    """A set that is copied for each iteration: kombu's timers iterate over the channels, and close those that do not answer meanwhile."""

    def __iter__(self) -> Iterator[Channel]:
        return iter(tuple(super().__iter__()))


class Transport(redis.Transport):
    """A transport that continues after JSON that is not one of our messages."""

    Channel = Channel

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cycle._channels = Channels()  # type: ignore[union-attr] # noqa: SLF001 - kombu has no other way to say so

    _avail_channels: list[Any]  # kombu's own, which its types leave out

    def establish_connection(self) -> Any:
        """A link to a Redis that takes writes.

        With a Redis that refuses writes everything else succeeds, so that a worker would lose the link and make it again dozens of times a
        second; after a failed connection kombu waits longer and longer before the next try.

        Raises:
            redis.exceptions.ConnectionError: Redis refuses the write or the login; with its own words.
        """
        try:
            made = super().establish_connection()
            with self._avail_channels[-1].conn_or_acquire() as client:
                client.execute_command(*TRIAL)
        except Exception as error:  # close the unfinished link, and raise to the caller
            with contextlib.suppress(*_REDIS):  # Redis cannot be told
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
        """Free the slot of a dropped message; otherwise it would be handed out again after each reconnect."""
        for channel in self.channels or ():
            if tag in (channel.qos._delivered or ()):  # noqa: SLF001 - kombu has no other way to ask
                channel.basic_reject(tag, requeue=False)


def install() -> None:
    """Let kombu use this transport for every Redis address, with TLS or without."""
    for scheme in ("redis", "rediss"):
        kombu.transport.TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
