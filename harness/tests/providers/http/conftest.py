"""A scripted HTTP service as it is used: a process of its own on a free port."""

from collections.abc import Iterator

import httpx
import pytest

from harness.providers.http.client import FakeHttp
from harness.tests.providers.starting import started


@pytest.fixture(scope="package")
def server() -> Iterator[str]:
    with started("harness.providers.http", "--status", "201", "--body", '{"ok": true}') as url:
        yield url


@pytest.fixture
def sink(server: str) -> Iterator[FakeHttp]:
    client = FakeHttp(server)
    client.reset()
    yield client
    client.close()


@pytest.fixture
def client(sink: FakeHttp) -> Iterator[httpx.Client]:
    """Of the application that calls it."""
    with httpx.Client(base_url=sink.base_url, timeout=5, trust_env=False) as made:
        yield made
