"""`make screenshots`: the README's pictures, taken of the harness's current pages, from made-up evidence."""

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from harness.base.browser import DESKTOP, Browser, NoBrowserError, Programs
from harness.base.wait import eventually
from harness.evidence.checks import Judges
from harness.evidence.trace.page import Told, trace_page
from harness.load import reports
from harness.load.scaling import scaling
from harness.load.verdict import judge
from harness.tests.evidence.history import LIVES, SAMPLES, accepted, call, fault, sound_but, worked
from harness.tests.load.declared import BAKERY, DEMANDS, MUTANTS
from harness.tests.load.made_up import made_up
from harness.tests.shop import shop

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
TRACE_HEIGHT, REPORT_HEIGHT = 1150, 900  # pixels
SCREEN = replace(DESKTOP, width=1200)
WALL = {"wall": "2026-01-01T00:00:01+00:00"}


def red_trace() -> str:
    """The page of a scenario whose order was not packed: its worker was killed, and no other worker got the task."""
    journal = [
        accepted(**WALL),
        worked("task-received", at=1.3),
        worked("task-started", at=1.4),
        fault("injected", at=2.0, name="Killed", target="packer"),
        fault("bitten", at=2.1, name="Killed", target="packer", trace="exit code -9"),
        fault("healed", at=4.0, name="Killed", target="packer"),
        *SAMPLES,
        *LIVES,
        *(call("GET", "/orders/7", status=200, at=2.5 + number / 4, order="7") for number in range(25)),
    ]
    logs = {
        "web": [_line(1.1, "order taken", order="7"), _line(6.0, "order is late", "warning", order="7")],
        "packer": [
            _line(1.4, "packing", order="7"),
            _line(2.1, "WorkerLostError: signal 9 (SIGKILL)", "error", order="7"),
        ],
    }
    evidence = sound_but(
        journal=journal, logs=logs, states={"order": {"7": "queued"}}, waiting={"parcels": 1}
    )
    told = Told(
        scenario="scenarios/test_orders.py::test_an_order_is_packed_though_a_worker_is_killed",
        promise="An order that was accepted is packed, though its worker is killed.",
        failure='E       assert "queued" == "packed"\nscenarios/test_orders.py:31: AssertionError',
        again=".venv/bin/pytest scenarios/test_orders.py -k killed --substrate embedded",
        about={"tier": "small", "substrate": "embedded"},
    )
    return trace_page(evidence, Judges.of(shop).judge(evidence), told, ["order"])


def _line(second: float, message: str, level: str = "info", **fields: str) -> str:
    time = f"2026-01-01T00:00:{second:06.3f}+00:00"
    return json.dumps({"level": level, "message": message, "time": time, **fields})


def load_report(folder: Path) -> Path:
    """The page of three rows of a concurrency table, one of which does not hold."""
    runs = [
        made_up("small"),
        MUTANTS["one-web-process-too-few"].recorded(made_up("medium")),
        made_up("large").having(cores=2),
    ]
    verdicts = [judge(run, DEMANDS[run.tier], BAKERY) for run in runs]
    return reports.write(runs, verdicts, [scaling(runs, verdicts, BAKERY)], BAKERY, folder)


def main() -> int:
    """Take both pictures; 2 where there is no browser."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="harness-") as name:
        trace = Path(name) / "trace.html"
        trace.write_text(red_trace(), encoding="utf-8")
        try:
            programs = Programs.find()
        except NoBrowserError as error:
            sys.stderr.write(f"{error}\n")
            return 2
        with Browser(programs) as browser:
            browser.look_on(SCREEN)
            browser.open(trace.as_uri())
            eventually(lambda: browser.texts("#timeline .vis-label"), timeout=20, what="the timeline")
            taken = [browser.screenshot(FOLDER / "red-trace.png", TRACE_HEIGHT)]
            browser.open(load_report(Path(name)).as_uri())
            taken.append(browser.screenshot(FOLDER / "load-report.png", REPORT_HEIGHT))
    sys.stdout.write("".join(f"{path}\n" for path in taken))
    return 0


if __name__ == "__main__":
    sys.exit(main())
