"""What stands beside the Locust process, which must not import any of this: a stack, where it has none, and the judge.

It is told what is wanted in one line on its standard input, answers in one line where the stack is, and waits for a second
line: the folder of what the generator has seen. Its exit code is the verdict's. When its input is closed it ends, and the
stack with it.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.base.exits import Exit
from harness.load import reports, show
from harness.load.across_tiers import across_tiers
from harness.load.build_record import load, parts
from harness.load.locust.demands import Demands
from harness.load.record import Run
from harness.load.remote import CLIENT, client_run
from harness.load.verdict import judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted.

    Args:
        tier: row of the table.
        speed: times how much faster time passes; 0 for as fast as it may.
        seed: of the provider's latency.
        stack: whether one is to be started.
    """

    tier: str
    speed: float
    seed: int
    stack: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where the stack is.

    Args:
        host: its API.
        provider: its scripted provider.
        speed: times how much faster time passes there.
    """

    host: str
    provider: str
    speed: float


def main() -> int:
    """Attend one Locust process."""
    wish = msgspec.json.decode(sys.stdin.readline(), type=Wish)
    if not wish.stack:
        folder = sys.stdin.readline().strip()
        return _judged(client_run(Path(folder)), Path(folder)) if folder else Exit.USAGE
    # A machine that only drives a URL need not have what a stack is made of.
    from harness.load.cli.options import new_folder
    from harness.load.presets import PRESETS
    from harness.load.testbed import Testbed

    demands = Demands.load()
    demand = demands.tiers[wish.tier]
    speed = wish.speed or PRESETS["standard"].speed(demand, demands.workload)
    folder = new_folder(f"locust-{wish.tier}")
    with (
        Testbed(wish.tier, folder, demands.workload, speed=speed) as stand,
        stand.observed(folder, wish.seed) as seen,
    ):
        found = Found(host=stand.stack.api_url, provider=stand.stack.openai.base_url, speed=speed)
        _say(msgspec.json.encode(found).decode())
        told = sys.stdin.readline().strip()
        if not told:
            return Exit.USAGE
        summary, roadmaps = load(Path(told))
        whole = seen(summary, roadmaps)
        run = stand.run(CLIENT).having(replicates=parts(whole, summary["planned"]))
    return _judged(run, Path(told))


def _judged(run: Run, folder: Path) -> int:
    demands = Demands.load()
    demand = demands.tiers[run.tier]
    verdict = judge(run, demand, demands.prices)
    between = across_tiers([run], [verdict], [demand])
    run.write(folder)
    show.show([verdict], between)
    _say(f"report: {reports.write([run], [verdict], between, folder)}")
    return verdict.exit


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
