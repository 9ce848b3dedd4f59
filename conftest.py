"""The start of pytest: the harness's fixtures for every test, pytester for the harness's own tests, and common fixtures."""

import socket
from collections.abc import Iterator

import pytest

from harness.nodes.ports import ReservedPort

pytest_plugins = ["pytester", "harness.plugin.hooks"]


@pytest.fixture(scope="session")
def closed_port() -> Iterator[int]:
    """A port on which nobody listens, held so that nobody can."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def reserved_port() -> Iterator[int]:
    """A port for a server that the test starts; it is reserved until then."""
    with ReservedPort() as reserved:
        yield reserved.number
