"""A small chart as SVG, with the data for a script that makes it interactive.

Its colours are classes, so that the page's style decides, in light and dark mode.
"""

import json
import math
from collections.abc import Iterable, Sequence
from html import escape

WIDTH, HEIGHT = 360, 222
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 26, 34
MOST_POINTS = 160
TICKS = 4
Point = tuple[float, float]


class Plot:
    """Axes with curves and marks.

    Args:
        title: text for people who cannot see it.
        x: least and greatest.
        y: likewise.
        x_label: with its unit.
        y_label: with its unit.
        x_ticks: where to put them, and their words; by itself where it is left out.
    """

    def __init__(
        self,
        title: str,
        x: Point,
        y: Point,
        x_label: str,
        y_label: str,
        x_ticks: Sequence[tuple[float, str]] | None = None,
    ) -> None:
        self._title = title
        self._x, self._y = _wide(x), _wide(y)
        self._labels = x_label, y_label
        self._x_ticks = x_ticks
        self._drawn: list[str] = []
        self._lines: list[tuple[str, list[Point], str]] = []
        self._limits: list[tuple[float, str]] = []
        self._bands: list[Point] = []
        self._phases: list[tuple[str, float, float]] = []

    def line(self, points: Iterable[Point], kind: str = "measured", words: str = "") -> None:
        """A line through points, in order.

        Args:
            points: of it.
            kind: which decides its colour.
            words: its name for the values at a pointer.
        """
        few = thinned(list(points))
        self._lines.append((kind, few, words or kind))
        path = "M" + "L".join(f"{self._at_x(x):.1f} {self._at_y(y):.1f}" for x, y in few)
        self._drawn.append(f'<path class="line {kind}" d="{path}"/>')

    def area(self, points: Iterable[Point], kind: str = "measured") -> None:
        """The same, filled down to the axis."""
        few = thinned(list(points))
        if not few:
            return
        path = "L".join(f"{self._at_x(x):.1f} {self._at_y(y):.1f}" for x, y in few)
        floor = self._at_y(self._y[0])
        first, last = self._at_x(few[0][0]), self._at_x(few[-1][0])
        self._drawn.append(
            f'<path class="area {kind}" d="M{first:.1f} {floor:.1f}L{path}L{last:.1f} {floor:.1f}Z"/>'
        )

    def limit(self, y: float, words: str) -> None:
        """A line that must not be crossed; not drawn where it is far away."""
        if not self._y[0] <= y <= self._y[1]:
            return
        at = self._at_y(y)
        self._limits.append((y, words))
        self._drawn.append(
            f'<line class="limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
        )
        self._drawn.append(
            f'<text class="limit" x="{WIDTH - RIGHT}" y="{at - 4:.1f}" text-anchor="end">{escape(words)}</text>'
        )

    def band(self, low: float, high: float, words: str = "") -> None:
        """A part of the x axis, such as a phase."""
        self._bands.append((low, high))
        left, right = self._at_x(max(low, self._x[0])), self._at_x(min(high, self._x[1]))
        self._drawn.insert(
            0,
            f'<rect class="band" x="{left:.1f}" y="{TOP}" width="{max(right - left, 0):.1f}" height="{HEIGHT - TOP - BOTTOM}"/>',
        )
        if words:
            self._drawn.append(f'<text class="band" x="{left + 3:.1f}" y="{TOP + 9}">{escape(words)}</text>')

    def mark(self, x: float, y: float, kind: str, words: str) -> None:
        """A point that says what it is."""
        self._drawn.append(
            f'<circle class="{kind}" cx="{self._at_x(x):.1f}" cy="{self._at_y(y):.1f}" r="4"><title>{escape(words)}</title></circle>'
        )

    def spread(self, x: float, low: float, high: float) -> None:
        """An interval, upright."""
        at, top, foot = self._at_x(x), self._at_y(min(high, self._y[1])), self._at_y(max(low, self._y[0]))
        self._drawn.append(
            f'<path class="spread" d="M{at:.1f} {foot:.1f}V{top:.1f}M{at - 6:.1f} {top:.1f}h12M{at - 6:.1f} {foot:.1f}h12"/>'
        )

    def bar(self, x: float, y: float, width: float, kind: str, words: str) -> None:
        """An upright bar around x."""
        left, right, top = self._at_x(x - width / 2), self._at_x(x + width / 2), self._at_y(y)
        floor = self._at_y(self._y[0])
        self._drawn.append(
            f'<rect class="bar {kind}" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{max(floor - top, 0):.1f}" rx="3">'
            f"<title>{escape(words)}</title></rect>"
        )

    def phases(self, named: Iterable[tuple[str, float, float]]) -> None:
        """Parts of the x axis by name, for the values at a pointer."""
        self._phases = list(named)

    def interactive(self, *, stretched: bool = False) -> str:
        """The picture, with the data for an interactive script.

        Args:
            stretched: whether the x axis is that of percentiles.
        """
        told = {
            "series": [
                [kind, [[round(x, 5), round(y, 4)] for x, y in _rising(points)], words]
                for kind, points, words in self._lines
            ],
            "limits": self._limits,
            "bands": self._bands,
            "phases": self._phases,
            "top": self._y[1] / 1.08,
            "x": self._labels[0],
            "stretched": stretched,
            "ticks": self._x_ticks,
        }
        return f'<div class="plot" data-plot="{escape(json.dumps(told))}">{self.svg()}</div>'

    def svg(self) -> str:
        """The whole of it."""
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts = [
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(self._title)}">',
            *self._grid(),
            *self._drawn,
            f'<text class="axis" x="{middle:.0f}" y="{HEIGHT - 4}" text-anchor="middle">{escape(self._labels[0])}</text>',
            f'<text class="axis" x="{LEFT - 40}" y="11">{escape(self._labels[1])}</text>',
            "</svg>",
        ]
        return "".join(parts)

    def _grid(self) -> Iterable[str]:
        for value in ticks(*self._y):
            at = self._at_y(value)
            yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
            yield f'<text class="tick" x="{LEFT - 5}" y="{at + 3.5:.1f}" text-anchor="end">{value:g}</text>'
        for x, words in self._x_ticks or [(value, f"{value:g}") for value in ticks(*self._x)]:
            yield f'<text class="tick" x="{self._at_x(x):.1f}" y="{HEIGHT - BOTTOM + 13}" text-anchor="middle">{escape(words)}</text>'

    def _at_x(self, x: float) -> float:
        low, high = self._x
        return LEFT + (x - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def _at_y(self, y: float) -> float:
        low, high = self._y
        return HEIGHT - BOTTOM - (min(y, high) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def ticks(low: float, high: float) -> list[float]:
    """Round numbers within a range."""
    rough = (high - low) / TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first = math.ceil(low / step)
    return [round(n * step, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def thinned(points: list[Point]) -> list[Point]:
    """Fewer points without a visible difference; of each group the highest one, because peaks matter."""
    if len(points) <= MOST_POINTS:
        return points
    size = math.ceil(len(points) / MOST_POINTS)
    return [max(points[at : at + size], key=lambda point: point[1]) for at in range(0, len(points), size)]


def _rising(points: Iterable[Point]) -> list[Point]:
    """One value for each x, in order, as the script needs them; of several the highest one, because peaks matter."""
    highest: dict[float, float] = {}
    for x, y in points:
        highest[x] = max(y, highest.get(x, y))
    return sorted(highest.items())


def _wide(bounds: Point) -> Point:
    low, high = bounds
    return (low, high) if high > low else (low, low + 1)
