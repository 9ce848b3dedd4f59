"""The scripted OpenAI as it is used: a process of its own on a free port, with an author."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import openai as sdk
import pytest

from harness.providers.openai.client import FakeOpenAI
from harness.tests.providers.starting import started

API_KEY = "sk-right"
AUTHOR = f"{Path(__file__).with_name('author.py')}:write"


@pytest.fixture(scope="package")
def server() -> Iterator[str]:
    with started("harness.providers.openai", "--api-key", API_KEY, "--author", AUTHOR) as url:
        yield url


@pytest.fixture
def openai(server: str) -> Iterator[FakeOpenAI]:
    client = FakeOpenAI(server)
    client.reset()
    yield client
    client.close()


@pytest.fixture
async def client(openai: FakeOpenAI) -> AsyncIterator[sdk.AsyncOpenAI]:
    """The official SDK, without retries of its own."""
    async with sdk.AsyncOpenAI(api_key=API_KEY, base_url=openai.base_url, max_retries=0, timeout=5) as made:
        yield made
