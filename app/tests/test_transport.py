"""A channel is closed completely, even if its pending BRPOP can no longer be answered."""

import socketserver
import threading
from contextlib import contextmanager

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError
from kombu.transport import redis
from redis.exceptions import ConnectionError as RedisConnectionError

from app.core.redis_trouble import TRIAL, trouble
from app.core.transport import Channel, Channels, Transport, install


@pytest.fixture
def channel(monkeypatch):
    """The part of a channel that closing needs, with a pending BRPOP."""
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


SAID = {b"HELLO": b"%1\r\n+proto\r\n:3\r\n", b"PING": b"+PONG\r\n", b"LPUSHX": b":0\r\n"}


class Answers(socketserver.StreamRequestHandler):
    """The part of a Redis that a link needs; `server` decides what it refuses."""

    def handle(self):
        while line := self.rfile.readline():
            words = [self.rfile.readline() and self.rfile.readline().strip() for _ in range(int(line[1:]))]
            command = words[0].upper()
            self.server.asked.append(command)
            refused = self.server.refuses.get(command)
            said = b"-%s\r\n" % refused if refused else SAID.get(command, b"+OK\r\n")
            self.wfile.write(said)


@contextmanager
def redis_that(refuses):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads = True
        server.refuses, server.asked = refuses, []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield server, f"redis://127.0.0.1:{server.server_address[1]}/1"
        finally:
            server.shutdown()


@pytest.mark.parametrize(
    "refuses",
    [
        {b"LPUSHX": b"NOREPLICAS Not enough good replicas to write."},
        {b"LPUSHX": b"READONLY You can't write against a read only replica."},
        {b"LPUSHX": b"OOM command not allowed when used memory > 'maxmemory'."},
        {b"SELECT": b"ERR DB index is out of range"},
        {b"PING": b"NOPERM this user has no permissions to run the 'ping' command"},
    ],
)
def test_a_redis_that_refuses_is_one_that_cannot_be_connected_to(refuses):
    """Then kombu waits longer and longer before each try, and the worker logs the server's words."""
    install()
    with redis_that(refuses) as (_, url), Connection(url, transport_options={"max_retries": 0}) as connection:
        with pytest.raises(OperationalError) as refused:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
        assert "does not answer" not in trouble(refused.value)


def test_a_redis_that_takes_a_write_is_connected_to_and_keeps_nothing():
    install()
    with redis_that({}) as (server, url), Connection(url) as connection:
        connection.ensure_connection(max_retries=1)
        assert server.asked[-1] == TRIAL[0].encode()
