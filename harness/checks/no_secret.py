"""No secret is in any log."""

from harness.checks.finding import Finding
from harness.evidence import Evidence


def no_secret(evidence: Evidence) -> Finding:
    """Judge every line of every node; the finding names the secret and the line's number, never the value."""
    faults = [
        f"{name} is in line {number} of the log of {node}"
        for node, lines in evidence.logs.items()
        for number, line in enumerate(lines, 1)
        for name, value in evidence.secrets.items()
        if value in line
    ]
    lines = sum(map(len, evidence.logs.values())) if evidence.secrets else 0
    return Finding.judge(faults, seen=lines, what="log lines")
