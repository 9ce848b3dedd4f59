"""Judgements of several runs together, in addition to the verdict of each: how the rows scale, and how reliable their intervals are."""

from collections.abc import Sequence

from harness.load.coverage import coverage
from harness.load.declaration import LoadTest
from harness.load.judgement import Judgement
from harness.load.locust.demands import Demand
from harness.load.record import Run
from harness.load.scaling import scaling
from harness.load.usl import usl
from harness.load.verdict import Verdict


def across_tiers(
    runs: Sequence[Run], verdicts: Sequence[Verdict], demands: Sequence[Demand], test: LoadTest
) -> list[Judgement]:
    """The judgements that apply to these runs.

    Args:
        runs: of tiers.
        verdicts: of each.
        demands: on each.
        test: whose runs.
    """
    found = [scaling(runs, verdicts, test), usl(runs, verdicts, test)] if len(runs) > 1 else []
    return [judgement for judgement in (*found, coverage(runs, demands, test)) if judgement.sentences]
