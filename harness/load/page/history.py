"""Pages of several runs: two that are compared, and many over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from harness.load.comparison import Difference
from harness.load.declaration import LoadTest
from harness.load.judgement import Grade
from harness.load.page.frame import SIGNS, document
from harness.load.page.plot import Plot


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One run of a tier, for a trend.

    Args:
        tier: of it.
        began: seconds since 1970.
        depth: of the check.
        workload: what one asked for.
        grade: of its verdict, judged as runs are judged now.
        time_p95_s: seconds of the world; None where there was no steady load.
        api_p95_ms: likewise.
        carries: an hour; None where the run cannot say.
    """

    tier: str
    began: float
    depth: str
    workload: str
    grade: Grade
    time_p95_s: float | None
    api_p95_ms: float | None
    carries: float | None


def compared(differences: Sequence[Difference], before: str, after: str, test: LoadTest) -> str:
    """Two runs: every figure of every tier.

    Args:
        differences: found.
        before: name of the earlier run.
        after: name of the later one.
        test: whose they are.
    """
    worse = [one for one in differences if one.worse]
    better = [one for one in differences if one.better]
    words = f"{len(worse)} worse, {len(better)} better" if worse or better else "no difference that matters"
    rows = "".join(
        f'<tr data-tier="{escape(one.tier)}" data-outcome="{_class(one)}"><th scope="row">{escape(one.tier)}</th>'
        f'<td data-label="figure">{escape(one.name)}</td><td data-label="before">{escape(one.was)}</td>'
        f'<td data-label="after">{escape(one.now)}</td><td data-label="change"><span class="word {_class(one)}">{escape(one.change)}</span></td></tr>'
        for one in differences
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("tier", "figure", before, after, "change"))
    body = (
        f'<h1 data-outcome="{"fail" if worse else "pass"}">{"✗" if worse else "✓"} {words}</h1>'
        f'<p class="soft">{escape(before)} against {escape(after)}; all figures are better when smaller. Worse or better is what is beyond chance, '
        f"all figures taken together, and large enough to matter.</p>"
        f'<p class="assumption">{escape(test.assumption)}</p>'
        f'<table class="rows"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    )
    return document(f"Compared: {words}", body)


def trend(runs: Sequence[Past], test: LoadTest) -> str:
    """Runs over time: a table of each tier, and a chart of each figure that there are two of.

    Args:
        runs: in any order.
        test: whose they are.
    """
    ordered = sorted(runs, key=lambda run: run.began)
    parts = [
        f"<h1>{len(ordered)} runs over time</h1>",
        '<p class="soft">Each was judged as runs are judged now. Figures of different workloads are not comparable.</p>',
        f'<p class="assumption">{escape(test.assumption)}</p>',
    ]
    for tier in dict.fromkeys(run.tier for run in ordered):
        mine = [run for run in ordered if run.tier == tier]
        parts += [
            f'<section id="{escape(tier)}"><h2>{escape(tier)}</h2>',
            _charts(mine, test),
            _table(mine),
            "</section>",
        ]
    return document("Runs over time", "".join(parts))


def _charts(runs: Sequence[Past], test: LoadTest) -> str:
    figures = {
        f"p95 of the time to the {test.noun}, seconds": [(run.began, run.time_p95_s) for run in runs],
        "API p95, ms": [(run.began, run.api_p95_ms) for run in runs],
        f"carries, {test.nouns} an hour": [(run.began, run.carries) for run in runs],
    }
    cards = []
    for title, values in figures.items():
        points = [((at - runs[0].began) / 86_400, value) for at, value in values if value is not None]
        if len(points) > 1:
            top = max(value for _, value in points) * 1.15
            plot = Plot(title, (0, points[-1][0]), (0, top), "days", title)
            plot.line(points, "measured", "value")
            cards.append(f'<figure class="card"><h3>{escape(title)}</h3>{plot.interactive()}</figure>')
    return f'<div class="cards">{"".join(cards)}</div>' if cards else ""


def _table(runs: Sequence[Past]) -> str:
    heads = ("when", "check", "verdict", "time p95", "API p95", "carries")
    rows = "".join(
        f'<tr data-outcome="{run.grade}"><th scope="row">{datetime.fromtimestamp(run.began, UTC):%Y-%m-%d %H:%M}</th>'
        f'<td data-label="check">{escape(run.depth)}, {escape(run.workload)}</td>'
        f'<td data-label="verdict"><span class="word {run.grade.replace(" ", "-")}">{SIGNS[run.grade]} {run.grade}</span></td>'
        f'<td data-label="time p95">{_shown(run.time_p95_s, "s")}</td><td data-label="API p95">{_shown(run.api_p95_ms, "ms")}</td>'
        f'<td data-label="carries">{_shown(run.carries, "an hour")}</td></tr>'
        for run in reversed(runs)
    )
    titles = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return f'<table class="rows"><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>'


def _shown(value: float | None, unit: str) -> str:
    return "not judged" if value is None else f"{value:,.4g} {unit}"


def _class(one: Difference) -> str:
    return "fail" if one.worse else "pass" if one.better else "not-judged"
