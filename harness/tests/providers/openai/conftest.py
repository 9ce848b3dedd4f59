"""The scripted provider as it is used: a process of its own on a free port."""

import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import openai as sdk
import pytest

from harness.base.wait import eventually
from harness.nodes.supervisor_client import SupervisorClient
from harness.providers.openai.client import FakeOpenAI

API_KEY = "sk-right"


@pytest.fixture(scope="package")
def server() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        announced, log = folder / "url", folder / "openai.log"
        argv = [sys.executable, "-m", "harness.providers.openai", "--port", "0", "--api-key", API_KEY]
        with SupervisorClient.start(folder / "supervisor.log") as supervisor:
            process = supervisor.spawn("openai", [*argv, "--announce", announced], log=log)
            yield eventually(
                lambda: announced.read_text() if announced.exists() else None,
                timeout=20,
                what="the provider",
                unless=lambda: None if process.alive else log.read_text(),
            )


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
