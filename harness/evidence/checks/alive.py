"""At the end every member lives, except those that the scenario has taken down itself, or has said to leave down."""

from harness.evidence.checks.check import needs
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence
from harness.evidence.windows import down_by_hand


@needs("journal/life", "journal/verb")
def alive(evidence: Evidence) -> Finding:
    """Judge the last known state of each member."""
    lives = evidence.records("life")
    down = down_by_hand(evidence)
    faults = [
        f"{life['node']} is down"
        for life in lives
        if not (life["alive"] or life.get("left_down") or life["node"] in down)
    ]
    faults += [
        f"{life['node']} was to be left down, and lives"
        for life in lives
        if life["alive"] and life.get("left_down")
    ]
    return Finding.judge(faults, seen=len(lives), what="members")
