import asyncio
import contextlib
import errno
import socket
import struct
import sys

import pytest

from harness.nodes.ports import ReservedPort


def test_a_server_with_reuseaddr_can_listen_and_one_without_cannot():
    with ReservedPort() as port:
        with socket.socket() as rude, pytest.raises(OSError, match="in use"):
            rude.bind(("127.0.0.1", port.number))
        address = ("127.0.0.1", port.number)
        # create_server sets SO_REUSEADDR, as asyncio does
        with socket.create_server(address) as server, socket.create_connection(address, timeout=5):
            server.accept()[0].close()


async def test_asyncio_can_listen_on_it():
    with ReservedPort() as port:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port.number)
        async with server:
            reader, writer = await asyncio.open_connection("127.0.0.1", port.number)
            assert await reader.read() == b""
            writer.close()


IP_LOCAL_PORT_RANGE = 51  # ip(7), Linux 6.3: what the kernel may choose from, here one port only


@pytest.fixture(params=[0, 1], ids=["plain", "reuseaddr"])
def asker(request):
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, request.param)
        yield opened


def only(asker: socket.socket, number: int) -> None:
    try:
        asker.setsockopt(socket.IPPROTO_IP, IP_LOCAL_PORT_RANGE, struct.pack("=HH", number, number))
    except OSError as error:
        pytest.skip(f"needs Linux 6.3 to ask for one certain port: {error}")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the port is not held")
def test_the_kernel_hands_the_port_to_nobody_while_it_is_held(asker):
    with ReservedPort() as held:
        only(asker, held.number)
        with pytest.raises(OSError, match="in use") as caught:
            asker.bind(("127.0.0.1", 0))
        assert caught.value.errno == errno.EADDRINUSE
    asker.bind(("127.0.0.1", 0))
    assert asker.getsockname()[1] == held.number


def test_where_it_cannot_be_held_it_is_released(monkeypatch):
    monkeypatch.setattr("harness.nodes.ports.sys.platform", "darwin")
    with ReservedPort() as port, contextlib.closing(socket.socket()) as plain:
        plain.bind(("127.0.0.1", port.number))
        assert plain.getsockname()[1] == port.number
