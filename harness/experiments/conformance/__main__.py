"""Run every judge: `make conformance`."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.base.exits import Exit, ended
from harness.base.run import ROOT
from harness.base.wait import eventually
from harness.experiments.conformance import sdk, shapes

ACCOUNT = Path(__file__).with_name("account.toml")
KEPT = ROOT / ".harness" / "conformance"


def main() -> Exit:
    """Start a provider and judge it.

    Returns:
        Whether all are satisfied.
    """
    with _provider() as url:
        tests = sdk.run(url, KEPT)
        print(tests)  # noqa: T201
        faults = shapes.faults(url)
    print(f"{shapes.COUNT} recorded shapes, {len(faults)} of them not as described")  # noqa: T201
    for fault in faults:
        print(f"  {fault}")  # noqa: T201
    return Exit.HOLDS if tests.passed and not faults else Exit.VIOLATED


@contextmanager
def _provider() -> Iterator[str]:
    """The address of a provider with the account that the tests expect."""
    with tempfile.TemporaryDirectory() as folder:
        announced = Path(folder) / "url"
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "harness.providers.openai", "--port", "0"),
                # Their requests have every parameter at once, which the provider itself would refuse.
                *("--script", ACCOUNT, "--lenient", "--announce", announced),
            ],
            stdout=subprocess.DEVNULL,
        )
        try:
            yield eventually(
                lambda: announced.read_text() if announced.exists() else None,
                timeout=20,
                what="the scripted provider",
                unless=lambda: "it has ended" if process.poll() is not None else None,
            )
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    ended(main)
