"""Lasting moments of one lane in as few rows as possible, so that they overlap only if one encloses the other."""

from collections.abc import Sequence

from harness.evidence.trace.moment import Moment


def in_rows(lane: Sequence[Moment]) -> list[list[Moment]]:
    """The moments, row by row; within a row each begins after the one before it has ended, or lies inside of it.

    Args:
        lane: moments of one lane, in their order.
    """
    rows: list[list[Moment]] = []
    # Of each row: the ends of the spans that enclose the next one, the innermost last.
    open_until: list[list[float]] = []
    for moment in sorted(lane, key=lambda one: (one.at, -one.until)):
        for row, ends in zip(rows, open_until, strict=True):
            while ends and ends[-1] <= moment.at:
                ends.pop()
            if not ends or moment.until <= ends[-1]:
                row.append(moment)
                ends.append(moment.until)
                break
        else:
            rows.append([moment])
            open_until.append([moment.until])
    return rows
