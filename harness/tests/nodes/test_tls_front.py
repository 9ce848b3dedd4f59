"""A TLS front forwards to a server that speaks none, to whoever trusts its authority."""

import gc
import socket
import ssl
import threading

import pytest

from harness.nodes.tls_front import tls_front


@pytest.fixture
def echo():
    """A server that sends back the first thing it is sent; its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def serve():
            connection, _ = server.accept()
            with connection:
                connection.sendall(connection.recv(100))

        thread = threading.Thread(target=serve)
        thread.start()
        host, port = server.getsockname()
        yield f"{host}:{port}"
        thread.join()


def call(front, context):
    host, _, port = front.address.rpartition(":")
    with (
        socket.create_connection((host, int(port)), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host) as connection,
    ):
        connection.sendall(b"ping")
        return connection.recv(100)


def test_it_forwards_for_who_trusts_its_authority_and_nobody_else_gets_in(echo, tmp_path):
    with tls_front(echo, tmp_path) as front:
        with pytest.raises(ssl.SSLCertVerificationError):
            call(front, ssl.create_default_context())
        trusting = ssl.create_default_context(cafile=str(front.authority))
        assert call(front, trusting) == b"ping"


def test_it_ends_with_connections_open(echo, tmp_path):
    with tls_front(echo, tmp_path) as front:
        trusting = ssl.create_default_context(cafile=str(front.authority))
        host, _, port = front.address.rpartition(":")
        plain = socket.create_connection((host, int(port)), timeout=10)
        connection = trusting.wrap_socket(plain, server_hostname=host)
        connection.sendall(b"ping")
        assert connection.recv(100) == b"ping"
        half = socket.create_connection((host, int(port)), timeout=10)  # in the middle of its handshake
    with connection, half, pytest.raises(OSError, match="refused"):
        socket.create_connection((host, int(port)), timeout=10)
    gc.collect()  # what was left open would be complained of now
