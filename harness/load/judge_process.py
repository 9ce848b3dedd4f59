"""The process beside Locust's, which must not import any of this: it starts a stack, if needed, and judges.

Its argument names the load test (`module:name` of a LoadTest). It reads its task in one line from standard input, answers with
the stack's address in one line, and waits for a second line: the folder of the generator's record. Its exit code is the
verdict's. When its input is closed it ends, and the stack with it.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.base.exits import Exit, ended
from harness.load.build_record import parts, read_generated
from harness.load.declaration import declared
from harness.load.judging import judged
from harness.load.locust.demands import TiersError
from harness.load.remote import CLIENT, client_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The task of the judge.

    Args:
        tier: row of the table.
        speed: times how much faster time passes; 0 for as fast as it may.
        seed: of the provider's latency.
        workload: its name.
        stack: whether to start a stack.
    """

    tier: str
    speed: float
    seed: int
    workload: str
    stack: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The addresses of the stack.

    Args:
        host: its API.
        provider: its scripted provider.
        speed: times how much faster time passes there.
    """

    host: str
    provider: str
    speed: float


def main() -> int:
    """Judge for one Locust process."""
    test = declared(sys.argv[1])
    wish = msgspec.json.decode(sys.stdin.readline(), type=Wish)
    if not wish.stack:
        folder = sys.stdin.readline().strip()
        return judged(test, client_run(test, Path(folder)), Path(folder)) if folder else Exit.USAGE
    # A machine that only drives a URL need not have the stack's libraries.
    from harness.load.cli.options import new_folder
    from harness.load.presets import PRESETS
    from harness.load.testbed import Testbed

    demand = test.traffic.demands.tiers[wish.tier]
    speed = wish.speed or PRESETS["standard"].speed(demand, test, wish.workload)
    folder = new_folder(f"locust-{wish.tier}", test)
    with (
        Testbed(test, wish.tier, folder, speed=speed, workload=wish.workload) as testbed,
        testbed.observed(folder, wish.seed) as finish,
    ):
        found = Found(host=testbed.stack.api_url, provider=testbed.provider_url, speed=speed)
        _say(msgspec.json.encode(found).decode())
        told = sys.stdin.readline().strip()
        if not told:
            return Exit.USAGE
        summary, asked = read_generated(Path(told), test.traffic.notes)
        whole = finish(summary, asked)
        run = testbed.run(CLIENT).having(replicates=parts(whole, summary["planned"]))
    return judged(test, run, Path(told))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    ended(main, TiersError)
