"""The result of a benchmark: a number and its limit."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number.

    Args:
        name: of what was measured.
        value: the number.
        unit: of it; '' for a ratio.
        most: it may be at most so much.
        least: it must be at least so much.
        detail: how it was measured, for a reader who doubts it.
        samples: of each round, in its unit; empty where it is one number.
    """

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None
    detail: str = ""
    samples: tuple[float, ...] = ()

    @property
    def held(self) -> bool:
        """Whether it keeps within its limits; one without a limit always does."""
        return (self.most is None or self.value <= self.most) and (
            self.least is None or self.value >= self.least
        )

    @property
    def limit(self) -> str:
        """The limit as text."""
        bounds = (("≤", self.most), ("≥", self.least))
        return ", ".join(
            f"{sign} {bound:g} {self.unit}".strip() for sign, bound in bounds if bound is not None
        )

    @classmethod
    def median(cls, name: str, seconds: Sequence[float], *, unit: str = "s", **options: object) -> Self:
        """The median of times, with their spread as detail.

        Args:
            name: of what was measured.
            seconds: each time.
            unit: `s` or `ms`.
            options: of Figure.
        """
        values = [value * (1000 if unit == "ms" else 1) for value in seconds]
        spread = f"median of {len(values)}, {min(values):.3g} to {max(values):.3g} {unit}"
        found = {"unit": unit, "detail": spread, "samples": tuple(values), **options}
        return cls(name=name, value=statistics.median(values), **found)  # type: ignore[arg-type]

    @classmethod
    def ratio(cls, name: str, ratios: Sequence[float], *, why: str = "", **options: object) -> Self:
        """The median of ratios of one run, each of two things that were measured in the same seconds.

        Args:
            name: of what over what.
            ratios: of each round.
            why: further details for a reader who doubts it.
            options: of Figure.
        """
        spread = f"median of {len(ratios)}, {min(ratios):.3g} to {max(ratios):.3g}"
        detail = "; ".join(filter(None, (spread, why)))
        found = {"detail": detail, "samples": tuple(ratios), **options}
        return cls(name=name, value=statistics.median(ratios), **found)  # type: ignore[arg-type]
