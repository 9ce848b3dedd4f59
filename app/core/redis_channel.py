"""A channel to Redis that is closed for good at the first try, also where Redis is gone.

kombu reads the answer to its open question for work before it closes anything. Where that fails, the error goes to who wanted to
close, the channel is left half closed, and its transport is taken away; closing it once more finds messages that are not
acknowledged, wants to hand them back, misses the transport, and the AttributeError of that ends the whole worker
(scenarios/faults/test_broker_link.py).
"""

import contextlib
from collections.abc import Callable
from queue import Empty

from kombu.transport.redis import Channel, Transport


class ClosableChannel(Channel):
    """See the module."""

    # kombu's own, which its types leave out
    _in_poll: object
    connection_errors: tuple[type[Exception], ...]
    _brpop_read: Callable[[], object]

    def close(self) -> None:
        """Close all of it; what cannot be read any more is left unread: the sweeper sends again what it was."""
        if self._in_poll:
            with contextlib.suppress(Empty, *self.connection_errors):
                self._brpop_read()
        super().close()


def close_for_good() -> None:
    """Let every connection to Redis have such channels; kombu has no setting for it."""
    Transport.Channel = ClosableChannel
