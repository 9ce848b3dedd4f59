"""Where pytest begins: the harness's fixtures for every test, pytester for the harness's own, and what all tests may need."""

import socket
from collections.abc import Iterator

import pytest

from harness.nodes.ports import ReservedPort

pytest_plugins = ["pytester", "harness.plugin.hooks"]


@pytest.fixture(scope="session")
def closed_port() -> Iterator[int]:
    """A port that nobody listens on, held so that nobody will."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def reserved_port() -> Iterator[int]:
    """A port for a server that the test starts, which nobody else is handed meanwhile."""
    with ReservedPort() as reserved:
        yield reserved.number
