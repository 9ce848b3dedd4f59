"""A channel whose open question can no longer be answered is closed all the same, all of it."""

import pytest
from kombu import Connection
from kombu.transport import redis
from redis.exceptions import ConnectionError as RedisConnectionError

from app.core.transport import Channel, Channels, Transport


@pytest.fixture
def channel(monkeypatch):
    """As much of one as is asked before the closing, with a question open."""
    made = object.__new__(Channel)
    made._in_poll = True
    made.connection_errors = (RedisConnectionError,)
    made.closings = []
    monkeypatch.setattr(redis.Channel, "close", lambda self: self.closings.append(self._in_poll))
    return made


def answers(channel, error):
    def read():
        channel._in_poll = None
        raise error

    channel._brpop_read = read


def test_a_connection_that_is_lost_does_not_keep_the_channel_open(channel):
    answers(channel, RedisConnectionError("reset by peer"))
    channel.close()
    assert channel.closings == [None]


def test_what_is_no_loss_of_the_connection_is_told(channel):
    answers(channel, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        channel.close()


def test_every_connection_of_ours_has_such_channels(settings):
    from app.core.broker import create_celery

    with create_celery(settings).connection_for_read() as connection:
        assert connection.get_transport_cls().Channel is Channel


def test_a_channel_that_is_closed_while_all_are_asked_ends_no_timer():
    with Connection("redis://127.0.0.1:9") as connection:
        channels = Transport(connection).cycle._channels
    assert isinstance(channels, Channels)
    channels |= {object.__new__(Channel) for _ in range(3)}
    for channel in channels:
        channels.discard(channel)
    assert not channels
