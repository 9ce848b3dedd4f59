"""Starts the generator in a process of its own, because Locust's process must not import the other modules."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.load.build_record import read_generated
from harness.load.children import end
from harness.load.declaration import LoadTest
from harness.load.locust.demands import USUAL
from harness.load.locust.recorder import SUMMARY

POLL_SECONDS = 0.5
SHOWN_LINES = 15
END_SECONDS = 20.0  # for what it has seen to be written


class GeneratorError(Exception):
    """The generator left no record; shows its last lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run of the generator.

    Args:
        host: the API.
        provider: the scripted one; '' for a real one.
        tier: row of the table.
        profile: how the load moves.
        seconds: how long there are arrivals, in the world's time.
        speed: times how much faster time passes.
        seed: of the arrivals.
        rate: arrivals an hour; 0 for the tier's.
        at_once: size of a burst; 0 for the tier's.
        readers: people who browse; -1 for the tier's.
        allow_paid: whether somebody pays for a real provider.
        workload: its name.
        least_look: seconds of this machine between two looks; 0 for the pace of the faster time.
    """

    host: str
    provider: str
    tier: str
    profile: str
    seconds: float
    speed: float = 1.0
    seed: int = 1
    rate: float = 0.0
    at_once: int = 0
    readers: int = -1
    allow_paid: bool = False
    workload: str = USUAL
    least_look: float = 0.0

    def argv(self, locustfile: Path, folder: Path) -> list[str]:
        """The command as a person would type it, except that we judge ourselves."""
        provider = ["--provider", self.provider] if self.provider else []
        paid = ["--allow-paid"] if self.allow_paid else []
        rate = {"--rate": f"{self.rate:g}"} if self.rate else {}
        options = rate | {
            "--host": self.host,
            "--tier": self.tier,
            "--profile": self.profile,
            "--run-time": f"{max(round(self.seconds), 1)}s",
            "--speed": f"{self.speed:g}",
            "--load-seed": str(self.seed),
            "--at-once": str(self.at_once),
            "--readers": str(self.readers),
            "--workload": self.workload,
            "--least-look": f"{self.least_look:g}",
            "--record": str(folder),
        }
        words = [word for pair in options.items() for word in pair]
        return [
            *(sys.executable, "-m", "locust", "-f", str(locustfile)),
            *("--headless", "--only-summary", "--no-verdict"),
            *words,
            *provider,
            *paid,
        ]


def generate(
    test: LoadTest, plan: Plan, folder: Path, progress: Callable[[], None] = lambda: None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Run the generator to its end.

    Args:
        test: whose Locust file it plays.
        plan: what to do.
        folder: for what it sees.
        progress: called while it runs.

    Returns:
        Its summary, and everything that it asked for.

    Raises:
        GeneratorError: it left no record.
    """
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / "locust.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            plan.argv(test.locustfile, folder), stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            while process.poll() is None:
                progress()
                _wait(process)
        finally:
            end(process, END_SECONDS)
    if not (folder / SUMMARY).exists():
        last = "\n".join(output.read_text(errors="replace").splitlines()[-SHOWN_LINES:])
        raise GeneratorError(f"the generator ended with exit code {process.returncode}:\n{last}")
    return read_generated(folder, test.traffic.notes)


def _wait(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return
