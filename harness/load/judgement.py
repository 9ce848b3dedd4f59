"""The findings of a check."""

import enum
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.load.stats import Interval, more_needed


class Grade(enum.StrEnum):
    """The grade of one check, and of a whole run."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a verdict.

    Args:
        about: what was judged.
        grade: of it.
        said: measured and expected value, as text.
        role: that it is about, if it is about one.
        measured: with its interval, where there is one.
        limit: its limit.
        unit: of both.
    """

    about: str
    grade: Grade
    said: str
    role: str = ""
    measured: Interval | None = None
    limit: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The result of one check: all its sentences, and the worst grade.

    Args:
        check: its name.
        sentences: in its order.
    """

    check: str
    sentences: tuple[Sentence, ...] = field(default=())

    @property
    def grade(self) -> Grade:
        """The worst sentence decides; a check without a sentence has judged nothing."""
        return worst(sentence.grade for sentence in self.sentences)


MANY = 1000
ORDER = (Grade.INVALID, Grade.FAIL, Grade.INCONCLUSIVE, Grade.PASS, Grade.NOT_JUDGED)


def worst(grades: Iterable[Grade]) -> Grade:
    return min(grades, key=ORDER.index, default=Grade.NOT_JUDGED)


def at_most(about: str, measured: float, limit: float, unit: str = "", **options: str) -> Sentence:
    """Judge an exact number."""
    grade = Grade.PASS if measured <= limit else Grade.FAIL
    return _sentence(about, Interval(measured, measured, measured, 1), limit, unit, grade, options)


def valid_at_most(about: str, measured: float, limit: float, unit: str = "") -> Sentence:
    """Judge a number that must keep its limit, else the run is invalid."""
    grade = Grade.PASS if measured <= limit else Grade.INVALID
    return _sentence(about, Interval(measured, measured, measured, 1), limit, unit, grade, {})


def surely_at_most(
    about: str, measured: Interval, limit: float, unit: str = "", samples: str = ""
) -> Sentence:
    """Judge a number with an interval: the interval is below the limit, above it, or around it.

    Args:
        about: what was measured.
        measured: with its interval.
        limit: that is promised.
        unit: of both.
        samples: name of the samples, more of which would decide it.
    """
    if measured.high <= limit:
        grade = Grade.PASS
    elif measured.low > limit:
        grade = Grade.FAIL
    else:
        grade = Grade.INCONCLUSIVE
    found = _sentence(about, measured, limit, unit, grade, {})
    if grade is Grade.INCONCLUSIVE:
        more = f"; about {more_needed(measured, limit)} more {samples} would decide"
        return Sentence(
            about=about, grade=grade, said=found.said + more, measured=measured, limit=limit, unit=unit
        )
    return found


def _sentence(
    about: str, measured: Interval, limit: float, unit: str, grade: Grade, options: dict[str, str]
) -> Sentence:
    sign = "≤" if measured.value <= limit else ">"
    said = f"{shown(measured, unit)} {sign} {shown_value(limit, unit)}"
    return Sentence(about=about, grade=grade, said=said, measured=measured, limit=limit, unit=unit, **options)


def shown(interval: Interval, unit: str = "") -> str:
    """The number as text, with the interval where there is one."""
    value = shown_value(interval.value, unit)
    if interval.low == interval.value == interval.high or math.isinf(interval.high):
        return value
    return f"{value} ({shown_value(interval.low, unit)} to {shown_value(interval.high, unit)})"


def shown_value(value: float, unit: str = "") -> str:
    if unit == "%":
        return f"{value * 100:.3g} %"
    digits = f"{value:,.0f}" if abs(value) >= MANY and math.isfinite(value) else f"{value:.3g}"
    return f"{digits} {unit}".strip()
