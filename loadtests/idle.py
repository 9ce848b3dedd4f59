"""What a role takes where nobody asks for anything: as docs/costs.json has it, which `python -m scenarios.roadmaps.costs measure` writes."""

import bisect
import json
from functools import cache

from harness.load.declaration import Idle
from loadtests.traffic import TRAFFIC

FILE = TRAFFIC.root / "docs" / "costs.json"
Points = list[tuple[int, float, float]]


def idle(role: str, processes: int) -> Idle:
    """Measured for the numbers that the tiers have; on a line through the two nearest of them for any other.

    Args:
        role: kind of it.
        processes: that it has.
    """
    points = _measured()[role]
    above = min(max(bisect.bisect_left(points, (processes,)), 1), len(points) - 1)
    (low, *before), (high, *after) = points[above - 1], points[above]
    share = (processes - low) / (high - low)
    memory, processors = (a + share * (b - a) for a, b in zip(before, after, strict=True))
    return Idle(max(memory, 0.0), max(processors, 0.0))


@cache
def _measured() -> dict[str, Points]:
    """Role -> processes, their memory in MB, and processors."""
    from loadtests.declaration import rows

    tiers = json.loads(FILE.read_text(encoding="utf-8"))["tiers"]
    found: dict[str, Points] = {}
    for name, row in rows().items():
        for role, processes in row.processes.items():
            used = tiers[name]["services"][f"roadmap-{role.replace('_', '-')}"]
            found.setdefault(role, []).append((processes, used["memory_mb"], used["processors"]))
    return {role: sorted(points) for role, points in found.items()}
