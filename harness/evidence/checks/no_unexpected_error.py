"""No role logs an error or a traceback that the scenario does not expect, and every expected error was logged."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from harness.base.logs import LogLine, joined
from harness.evidence.checks.check import Check
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence
from harness.evidence.excuse import Excuse
from harness.evidence.windows import windows

SLACK_SECONDS = 1.0  # a line has its time in milliseconds, and is written a little later


def no_unexpected_error(words: Sequence[str] = ()) -> Check:
    """The check for an application whose own lines may tell of errors.

    Args:
        words: regular expressions of these errors, in addition to those that the harness knows.
    """

    def judge(evidence: Evidence) -> Finding:
        """Judge the lines of the scenario."""
        faults = unexpected_errors(evidence, words)
        seen = sum(map(len, evidence.logs.values()))
        if not (faults or seen) and evidence.manifest is not None:
            return Finding.nothing(f"nobody has written a line: {len(evidence.logs)} logs were read")
        return Finding.judge(faults, seen=seen, what="log lines")

    return Check(judge, ("logs/*", "journal/fault", "journal/verb"), "no_unexpected_error")


def unexpected_errors(evidence: Evidence, words: Sequence[str] = ()) -> list[str]:
    """The errors without an excuse, each with the name of the node that logged it, and the excuses that were not used.

    Args:
        evidence: of a scenario, live or saved.
        words: see `no_unexpected_error`.
    """
    left, used = unexcused(evidence, words)
    hurt = _hurt(evidence)
    return [f"{node}: {line.shown}" for node, line in left] + [
        f"{excuse} was expected, and " + ("nothing was hurt" if excuse.where_hurt else "nobody has logged it")
        for excuse in evidence.expected_errors
        if excuse.most is not None and not (used[excuse] >= excuse.least or (excuse.where_hurt and hurt))
    ]


def unexcused(
    evidence: Evidence, words: Sequence[str] = ()
) -> tuple[list[tuple[str, LogLine]], Counter[Excuse]]:
    """The errors without an excuse, each with the node that logged it, and how many errors each excuse has taken.

    Args:
        evidence: of a scenario, live or saved.
        words: see `no_unexpected_error`.
    """
    hurt = _hurt(evidence)
    used: Counter[Excuse] = Counter()
    left = []
    for node, line, at in _errors(evidence.logs, words):
        excuse = next(
            (e for e in evidence.expected_errors if _covers(e, node, line.text, at, hurt, used)), None
        )
        if excuse is None:
            left.append((node, line))
        else:
            used[excuse] += 1
    return left, used


def _covers(
    excuse: Excuse,
    node: str,
    text: str,
    at: float | None,
    hurt: Sequence[tuple[float, float]],
    used: Mapping[Excuse, int],
) -> bool:
    """Whether it excuses this line. A line of unknown time counts as one of this scenario."""
    if not excuse.takes(node, text) or (excuse.most is not None and used[excuse] >= excuse.most):
        return False
    if excuse.where_hurt and not any(at is None or began <= at <= ended for began, ended in hurt):
        return False
    return at is None or (
        at >= excuse.since - SLACK_SECONDS and (not excuse.until or at <= excuse.until + SLACK_SECONDS)
    )


def _hurt(evidence: Evidence) -> list[tuple[float, float]]:
    """The time of a record in seconds since 1970: the journal's records have both clocks."""
    told = next(
        (record for record in (*evidence.faults, *evidence.records("verb")) if "wall" in record), None
    )
    wall = _seconds(told["wall"]) if told else None
    if told is None or wall is None:
        return [(0.0, float("inf"))] if windows(evidence) else []
    ahead = wall - float(told["at"])
    return [(ahead + window.began - SLACK_SECONDS, ahead + window.ended) for window in windows(evidence)]


def _errors(
    logs: Mapping[str, Sequence[str]], words: Sequence[str]
) -> Iterator[tuple[str, LogLine, float | None]]:
    """The errors with their node and time: a plain line has the time of the line before it."""
    for node, lines in logs.items():
        at: float | None = None
        for line in joined(map(LogLine.parse, lines)):
            told = line.fields.get("time")
            at = _seconds(told) if isinstance(told, str) else at
            if line.says_error(words):
                yield node, line, at


def _seconds(told: str) -> float | None:
    try:
        return datetime.fromisoformat(told).timestamp()
    except ValueError:
        return None
