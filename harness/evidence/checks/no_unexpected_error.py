"""No role logs an error or a traceback that the scenario did not say to be part of it."""

from collections.abc import Callable, Mapping, Sequence

from harness.base.logs import LogLine, unexpected
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence


def no_unexpected_error(words: Sequence[str] = ()) -> Callable[[Evidence], Finding]:
    """The check for what an application says where something went wrong.

    Args:
        words: regular expressions of it, beside what the harness knows.
    """

    def judge(evidence: Evidence) -> Finding:
        """Judge the lines of the scenario."""
        faults = unexpected_errors(evidence.logs, evidence.expected_errors, words)
        return Finding.judge(faults, seen=sum(map(len, evidence.logs.values())), what="log lines")

    judge.__name__ = "no_unexpected_error"
    return judge


def unexpected_errors(
    logs: Mapping[str, Sequence[str]], expected: Sequence[str], words: Sequence[str] = ()
) -> list[str]:
    """The errors, each with the name of who logged it.

    Args:
        logs: a node's name -> its lines.
        expected: regular expressions of errors that are part of the scenario.
        words: see `no_unexpected_error`.
    """
    return [
        f"{node}: {line.shown}"
        for node, lines in logs.items()
        for line in unexpected(map(LogLine.parse, lines), expected, words)
    ]
