"""Runs a scripted OpenAI while a client is judged."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.base.wait import eventually

START_SECONDS = 20.0


@contextmanager
def running(*options: str) -> Iterator[str]:
    """Run it; yields its address.

    Args:
        options: options of `python -m harness.providers.openai`, except those for its address.
    """
    with tempfile.TemporaryDirectory() as folder:
        announced = Path(folder) / "url"
        argv = [sys.executable, "-m", "harness.providers.openai", *options, "--announce", str(announced)]
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        try:
            yield eventually(
                lambda: announced.read_text() if announced.exists() else None,
                timeout=START_SECONDS,
                what="the scripted provider",
                unless=lambda: "it has ended" if process.poll() is not None else None,
            )
        finally:
            process.terminate()
            process.wait()
