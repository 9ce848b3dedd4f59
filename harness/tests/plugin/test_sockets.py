"""Fast tests stay on this machine: whatever would leave it is stopped, by name."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError

ELSEWHERE = "192.0.2.1"  # RFC 5737: documentation only, nobody is there


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_connection_that_leaves_the_machine_is_blocked():
    with socket.socket() as connection, pytest.raises(SocketConnectBlockedError, match=ELSEWHERE):
        connection.connect((ELSEWHERE, 80))


def test_loopback_is_open():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5),
    ):
        server.accept()[0].close()
