"""Judges, shows and records one run of a client."""

import sys
from pathlib import Path

from harness.load import reports, show
from harness.load.across_tiers import across_tiers
from harness.load.declaration import LoadTest
from harness.load.judgement import worst
from harness.load.record import Run
from harness.load.verdict import CODES, judge


def judged(test: LoadTest, run: Run, folder: Path) -> int:
    """Judge a run, show it, and write its record and its reports into a folder.

    Args:
        test: whose run.
        run: recorded.
        folder: that is there.

    Returns:
        The verdict's exit code.
    """
    demand = test.traffic.demands.tiers[run.tier]
    verdict = judge(run, demand, test)
    between = across_tiers([run], [verdict], [demand], test)
    run.write(folder)
    show.show([verdict], test, between)
    sys.stdout.write(f"report: {reports.write([run], [verdict], between, test, folder)}\n")
    sys.stdout.flush()
    return CODES[worst([verdict.grade, *(one.grade for one in between)])]
