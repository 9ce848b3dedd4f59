"""What several runs say together, beside the verdict of each: how the rows scale, and how much their intervals are worth."""

from collections.abc import Sequence

from loadtests.coverage import coverage
from loadtests.finding import Judgement
from loadtests.scaling import scaling
from loadtests.seen import Run
from loadtests.tiers import Demand
from loadtests.verdict import Verdict


def together(runs: Sequence[Run], verdicts: Sequence[Verdict], demands: Sequence[Demand]) -> list[Judgement]:
    """The judgements that have something to say.

    Args:
        runs: of tiers.
        verdicts: of each.
        demands: on each.
    """
    found = [scaling(runs, verdicts)] if len(runs) > 1 else []
    return [judgement for judgement in (*found, coverage(runs, demands)) if judgement.findings]
