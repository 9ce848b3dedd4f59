import socket

import pytest

from harness.ports import ReservedPort


def test_a_server_with_reuseaddr_can_listen_and_one_without_cannot():
    with ReservedPort() as port:
        with socket.socket() as rude, pytest.raises(OSError, match="in use"):
            rude.bind(("127.0.0.1", port.number))
        address = ("127.0.0.1", port.number)
        # create_server sets SO_REUSEADDR, as asyncio does
        with socket.create_server(address) as server, socket.create_connection(address, timeout=5):
            server.accept()[0].close()


def test_nobody_else_is_handed_the_port():
    with ReservedPort() as held:
        others = [ReservedPort() for _ in range(200)]
        assert held.number not in {other.number for other in others}
        for other in others:
            other.close()
