"""How a run ends for whoever started it."""

import enum

from loadtests.recorder import Recorder
from loadtests.tiers import Demand


class Exit(enum.IntEnum):
    """Exit codes of every command here; an invalid run is neither a pass nor a failure."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    INCONCLUSIVE = 3
    INVALID = 4


def exit_code(seen: Recorder, demand: Demand) -> tuple[Exit, str]:
    """What a client alone can say: whether there was a run at all, and whether too much of it failed."""
    requests = sum(histogram.total_count for histogram in seen.histograms.values())
    if not requests or not seen.roadmaps:
        return Exit.INVALID, "INVALID: no roadmap was asked for"
    failed = sum(seen.failures.values())
    lost = sum(not roadmap.outcome for roadmap in seen.roadmaps)
    said = f"{failed} of {requests} requests failed, {lost} of {len(seen.roadmaps)} roadmaps did not end"
    if failed > demand.objectives.error_rate * requests or lost:
        return Exit.FAIL, f"FAIL: {said}"
    return Exit.PASS, f"PASS: {said}"
