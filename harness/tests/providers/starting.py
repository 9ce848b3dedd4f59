"""A scripted provider as it is used: a process of its own on a free port."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.base.wait import eventually
from harness.nodes.supervisor_client import SupervisorClient


@contextmanager
def started(module: str, *options: str) -> Iterator[str]:
    """Its address.

    Args:
        module: run as `python -m`.
        options: of the program.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        announced, log = folder / "url", folder / "provider.log"
        argv = [sys.executable, "-m", module, "--port", "0", "--announce", announced, *options]
        with SupervisorClient.start(folder / "supervisor.log") as supervisor:
            process = supervisor.spawn("provider", argv, log=log)
            yield eventually(
                lambda: announced.read_text() if announced.exists() else None,
                timeout=20,
                what="the provider",
                unless=lambda: None if process.alive else log.read_text(),
            )
