"""What a check has found."""

import enum
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from loadtests.stats import Interval, more_needed


class Outcome(enum.StrEnum):
    """Of one check, and of a whole run."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sentence of a verdict.

    Args:
        about: what was looked at.
        outcome: of it.
        said: measured against expected, for a reader.
        role: that it is about, if it is about one.
        measured: with its interval, where there is one.
        limit: it was held against.
        unit: of both.
    """

    about: str
    outcome: Outcome
    said: str
    role: str = ""
    measured: Interval | None = None
    limit: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one check says: all its findings, and the worst of them.

    Args:
        check: its name.
        findings: in its order.
    """

    check: str
    findings: tuple[Finding, ...] = field(default=())

    @property
    def outcome(self) -> Outcome:
        """The worst finding decides; a check that found nothing has judged nothing."""
        return worst(finding.outcome for finding in self.findings)


MANY = 1000
ORDER = (Outcome.INVALID, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS, Outcome.NOT_JUDGED)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    return min(outcomes, key=ORDER.index, default=Outcome.NOT_JUDGED)


def at_most(about: str, measured: float, limit: float, unit: str = "", **options: str) -> Finding:
    """A number that is known without doubt."""
    outcome = Outcome.PASS if measured <= limit else Outcome.FAIL
    return _finding(about, Interval(measured, measured, measured, 1), limit, unit, outcome, options)


def valid_at_most(about: str, measured: float, limit: float, unit: str = "") -> Finding:
    """A number that must hold for the run to say anything."""
    outcome = Outcome.PASS if measured <= limit else Outcome.INVALID
    return _finding(about, Interval(measured, measured, measured, 1), limit, unit, outcome, {})


def surely_at_most(
    about: str, measured: Interval, limit: float, unit: str = "", samples: str = ""
) -> Finding:
    """A number with an interval: below the limit as a whole, above it as a whole, or neither.

    Args:
        about: what was measured.
        measured: with its interval.
        limit: that is promised.
        unit: of both.
        samples: what more of would decide it.
    """
    if measured.high <= limit:
        outcome = Outcome.PASS
    elif measured.low > limit:
        outcome = Outcome.FAIL
    else:
        outcome = Outcome.INCONCLUSIVE
    found = _finding(about, measured, limit, unit, outcome, {})
    if outcome is Outcome.INCONCLUSIVE:
        more = f"; about {more_needed(measured, limit)} more {samples} would decide"
        return Finding(
            about=about, outcome=outcome, said=found.said + more, measured=measured, limit=limit, unit=unit
        )
    return found


def _finding(
    about: str, measured: Interval, limit: float, unit: str, outcome: Outcome, options: dict[str, str]
) -> Finding:
    sign = "≤" if measured.value <= limit else ">"
    said = f"{shown(measured, unit)} {sign} {shown_value(limit, unit)}"
    return Finding(
        about=about, outcome=outcome, said=said, measured=measured, limit=limit, unit=unit, **options
    )


def shown(interval: Interval, unit: str = "") -> str:
    """As a person reads it, with the interval where there is one."""
    value = shown_value(interval.value, unit)
    if interval.low == interval.value == interval.high or math.isinf(interval.high):
        return value
    return f"{value} ({shown_value(interval.low, unit)} to {shown_value(interval.high, unit)})"


def shown_value(value: float, unit: str = "") -> str:
    if unit == "%":
        return f"{value * 100:.3g} %"
    digits = f"{value:,.0f}" if abs(value) >= MANY and math.isfinite(value) else f"{value:.3g}"
    return f"{digits} {unit}".strip()
