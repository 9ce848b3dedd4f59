"""The Universal Scalability Law over the rows (Gunther, "A Simple Capacity Model of Massively Parallel Transaction Systems", 1993).

X(N) = X(1) N / (1 + s (N - 1) + k N (N - 1)): s is the share of contention, k that of coherence. It is fitted in addition to the
queueing model, and refused where it does not explain the measurements; it says nothing beyond the largest measured N.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Judgement, Sentence, shown_value
from harness.load.record import Run
from harness.load.scaling import throughput
from harness.load.stats import Interval
from harness.load.verdict import Verdict

FEWEST = 3  # rows: two parameters would explain any two rows
MOST_RESIDUAL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The fitted parameters.

    Args:
        contention: s.
        coherence: k.
        residual: the largest relative difference to a measured throughput.
        largest: N that was measured.
    """

    contention: float
    coherence: float
    residual: float
    largest: int

    @property
    def best(self) -> float:
        """The N beyond which more are slower; infinite where more are always faster."""
        return (
            math.sqrt((1 - self.contention) / self.coherence)
            if self.coherence > 0 and self.contention < 1
            else math.inf
        )


def fit(slots: Sequence[int], rates: Sequence[float]) -> Fit:
    """Fit by least squares of relative errors; the throughput of one slot is fitted, too, and no parameter is below 0.

    Args:
        slots: N of each row.
        rates: throughput of each.

    Raises:
        ValueError: there are too few rows.
    """
    if len(set(slots)) < FEWEST:
        raise ValueError(f"{len(set(slots))} rows: a curve with two parameters takes {FEWEST}")
    number, measured = np.asarray(slots, dtype=float), np.asarray(rates, dtype=float)
    unit = float(measured[number.argmin()] / number.min())

    def errors(found: Sequence[float]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        contention, coherence = found
        curve = unit * number / (1 + contention * (number - 1) + coherence * number * (number - 1))
        relative: np.ndarray[tuple[int], np.dtype[np.float64]] = curve / measured - 1
        return relative

    from scipy.optimize import least_squares

    found = least_squares(errors, (0.01, 0.001), bounds=((0, 0), (1, 1)))
    contention, coherence = (float(value) for value in found.x)
    residual = float(np.abs(errors((contention, coherence))).max())
    return Fit(contention=contention, coherence=coherence, residual=residual, largest=int(number.max()))


def usl(runs: Sequence[Run], verdicts: Sequence[Verdict], test: LoadTest) -> Judgement:
    """The fit of the rows' bursts. It decides nothing: it is for planning.

    Args:
        runs: one a tier.
        verdicts: of each.
        test: whose runs.
    """
    known = [
        (run.row.processes[test.worker], throughput(run.counting(test.ended_well)))
        for run, verdict in zip(runs, verdicts, strict=True)
        if verdict.of("valid").grade is not Grade.INVALID and verdict.of("counts").grade is not Grade.FAIL
    ]
    known = [(slots, rate) for slots, rate in known if rate > 0]
    about = "universal scalability law"
    try:
        found = fit([slots for slots, _ in known], [rate for _, rate in known])
    except ValueError as error:
        return Judgement(
            check="usl", sentences=(Sentence(about=about, grade=Grade.NOT_JUDGED, said=str(error)),)
        )
    off = f"{shown_value(found.residual, '%')} off at most"
    if found.residual > MOST_RESIDUAL:
        said = f"refused: it does not explain the rows, {off} (within {MOST_RESIDUAL:.0%})"
        return Judgement(check="usl", sentences=(Sentence(about=about, grade=Grade.NOT_JUDGED, said=said),))
    more = (
        f"more than {found.best:.0f} slots would be slower"
        if found.best <= found.largest
        else f"more slots are faster up to the {found.largest} that were measured; nothing is said beyond"
    )
    said = f"contention {found.contention:.3f}, coherence {found.coherence:.4f}, {off}: {more}"
    residual = Interval(found.residual, found.residual, found.residual, len(known))
    sentence = Sentence(
        about=about, grade=Grade.PASS, said=said, measured=residual, limit=MOST_RESIDUAL, unit="%"
    )
    return Judgement(check="usl", sentences=(sentence,))
