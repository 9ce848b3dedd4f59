"""No role logs an error or a traceback that the scenario did not say to be part of it."""

from collections.abc import Mapping, Sequence

from harness.base.logs import LogLine, unexpected
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence


def no_unexpected_error(evidence: Evidence) -> Finding:
    """Judge the lines of the scenario."""
    faults = unexpected_errors(evidence.logs, evidence.expected_errors)
    return Finding.judge(faults, seen=sum(map(len, evidence.logs.values())), what="log lines")


def unexpected_errors(logs: Mapping[str, Sequence[str]], expected: Sequence[str]) -> list[str]:
    """The errors, each with the name of who logged it.

    Args:
        logs: a node's name -> its lines.
        expected: regular expressions of errors that are part of the scenario.
    """
    return [
        f"{node}: {line.text}"
        for node, lines in logs.items()
        for line in unexpected(map(LogLine.parse, lines), expected)
    ]
