"""The page itself: the table with a verdict in each cell, then the pictures, then every sentence of the verdict."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape

from harness.load.checks.model_fit import LEAST_JOBS, measured_and_modelled
from harness.load.declaration import Column, LoadTest
from harness.load.judgement import Grade, Judgement, Sentence, shown_value, worst
from harness.load.locust.demands import Demand
from harness.load.page import charts
from harness.load.page.frame import SIGNS, document
from harness.load.record import Replicate, Run
from harness.load.verdict import Verdict, unjudged_checks

HEADLINES = {
    Grade.PASS: "The concurrency table holds",
    Grade.FAIL: "A row of the concurrency table does not hold",
    Grade.INCONCLUSIVE: "Too few samples to decide on the concurrency table",
    Grade.INVALID: "This run says nothing of the concurrency table",
    Grade.NOT_JUDGED: "Nothing was judged",
}


def page(
    runs: Sequence[Run],
    verdicts: Sequence[Verdict],
    between: Sequence[Judgement],
    demands: Sequence[Demand],
    test: LoadTest,
) -> str:
    """One HTML document.

    Args:
        runs: one a tier.
        verdicts: of each.
        between: of the tiers against each other.
        demands: of each tier.
        test: whose runs.
    """
    grade = worst([*(v.grade for v in verdicts), *(j.grade for j in between)])
    runs = [run.counting(test.ended_well) for run in runs]
    headline = escape(_headline(grade, runs, verdicts, test))
    body = "".join(
        [
            f'<h1 data-outcome="{grade}">{_sign(grade)} {headline}</h1>',
            f'<p class="soft">{escape(_about(runs, test.noun, test.nouns))}</p>',
            f'<p class="assumption">{escape(test.assumption)}</p>',
            _table(runs, verdicts, demands, test),
            *_all_tiers(runs, verdicts, demands, test),
            *(
                _tier(run, verdict, demand, test)
                for run, verdict, demand in zip(runs, verdicts, demands, strict=True)
            ),
            _sentences("All runs together", between) if between else "",
        ]
    )
    return document(f"Capacity: {_headline(grade, runs, verdicts, test)}", body)


def _headline(grade: Grade, runs: Sequence[Run], verdicts: Sequence[Verdict], test: LoadTest) -> str:
    """The result in a sentence; it says what was judged and what was not."""
    asked = {run.tier for run in runs}
    unjudged = unjudged_checks(verdicts)
    if grade is Grade.PASS and unjudged:
        names = " and ".join(run.tier.capitalize() for run in runs)
        return f"{names}: what was judged holds; not judged: {', '.join(unjudged)}"
    if grade is Grade.PASS and asked != set(test.traffic.demands.tiers):
        names = " and ".join(run.tier.capitalize() for run in runs)
        return f"{names} {'holds' if len(runs) == 1 else 'hold'}"
    return HEADLINES[grade]


def _about(runs: Sequence[Run], noun: str, nouns: str) -> str:
    when = datetime.fromtimestamp(min(run.began for run in runs), UTC)
    speeds = sorted({f"{run.speed:.3g}" for run in runs})
    count = sum(len(one.jobs) for run in runs for one in run.replicates)
    kinds = ", ".join(sorted({run.depth for run in runs}))
    return (
        f"{kinds} check of {when:%d %B %Y, %H:%M} UTC on {runs[0].cores} cores, {runs[0].substrate}: {count} {nouns}, "
        f"workload {', '.join(sorted({run.workload for run in runs}))}, time {' and '.join(speeds)} times as fast. Times to a {noun} are shown as the world would see them."
    )


def _table(
    runs: Sequence[Run], verdicts: Sequence[Verdict], demands: Sequence[Demand], test: LoadTest
) -> str:
    titles = [column.title for column in test.columns]
    heads = ["tier", *titles, "verdict", "carries, an hour", f"1,000 {test.nouns}"]
    rows = [
        _row(run, verdict, demand, test) for run, verdict, demand in zip(runs, verdicts, demands, strict=True)
    ]
    return (
        '<table class="rows"><thead><tr>'
        + "".join(f'<th scope="col">{head}</th>' for head in heads)
        + f"</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _row(run: Run, verdict: Verdict, demand: Demand, test: LoadTest) -> str:
    cells = [_cell(column, run.row.processes[column.role], verdict) for column in test.columns]
    carries = "not known" if verdict.carries is None else f"<b>{verdict.carries.value:.0f}</b>"
    spread = ""
    if verdict.carries is not None and verdict.carries.count > 1:
        spread = f"{verdict.carries.low:.0f} to {verdict.carries.high:.0f}, "
    if verdict.headroom is not None:
        spread += f"headroom {shown_value(verdict.headroom.value, '%')}, "
    cost = "not known" if verdict.cost is None else f"<b>${verdict.cost:.2f}</b>"
    why = escape(_why(verdict))
    return (
        f'<tr data-tier="{run.tier}" data-outcome="{verdict.grade}"><th scope="row">{run.tier}</th>{"".join(cells)}'
        f'<td data-label="verdict"><div>{_word(verdict.grade)}<small>{why}</small></div></td>'
        f'<td data-label="carries, an hour" data-carries><div>{carries}<small>{spread}nominal load '
        f"{demand.per_hour:g}</small></div></td>"
        f'<td data-label="1,000 {test.nouns}"><div>{cost}</div></td></tr>'
    )


def _why(verdict: Verdict) -> str:
    """The deciding sentence: the first one with the grade of the whole, or the comparison with the neighbouring rows."""
    if verdict.grade is Grade.PASS:
        return next((f.said for f in verdict.of("neighbour").sentences if f.about == "row"), "")
    decided = next((f for j in verdict.judgements for f in j.sentences if f.grade is verdict.grade), None)
    return "" if decided is None else f"{decided.about}: {decided.said}"


def _cell(column: Column, count: int, verdict: Verdict) -> str:
    """A number of the table, with its worst finding and the comparison with its neighbours."""
    mine = [f for j in verdict.judgements for f in j.sentences if f.role == column.role and f.about != "row"]
    grade = worst(f.grade for f in mine)
    bad = next((f for f in mine if f.grade in {Grade.FAIL, Grade.INVALID}), None)
    said = bad or next(
        (f for f in verdict.of("neighbour").sentences if f.role == column.role and f.about != "row"), None
    )
    words = (
        ""
        if said is None
        else escape(said.said if bad is None else f"{bad.about.partition(': ')[2]} {bad.said}")
    )
    return (
        f'<td data-label="{column.title}" data-role="{column.role}" data-outcome="{grade}">'
        f"<div><b>{count} {_sign(grade)}</b><small>{words}</small></div></td>"
    )


def _all_tiers(
    runs: Sequence[Run], verdicts: Sequence[Verdict], demands: Sequence[Demand], test: LoadTest
) -> Iterator[str]:
    cards = []
    if any(verdict.carries for verdict in verdicts):
        drawn = charts.capacity(runs, verdicts, demands, test.nouns)
        cards.append(
            _card(
                "What each tier carries",
                "Bars: by the model from measured times, 95 % interval. Rings: nominal load.",
                drawn,
            )
        )
    fitted = [(run, _steady(run)) for run in runs if _steady(run)]
    if fitted:
        pairs = [measured_and_modelled(run, seen, run.row.processes[test.worker]) for run, seen in fitted]
        drawn = charts.fit([run for run, _ in fitted], pairs)
        cards.append(
            _card(
                "Measured against model",
                f"p95 of the time to the {test.noun}; the outer lines are 25 % off.",
                drawn,
            )
        )
    if cards:
        yield f'<h2>All tiers</h2><div class="cards">{"".join(cards)}</div>'


def _steady(run: Run) -> list[Replicate]:
    return [one for one in run.steady() if sum(job.done for job in one.judged) >= LEAST_JOBS]


def _tier(run: Run, verdict: Verdict, demand: Demand, test: LoadTest) -> str:
    cards = []
    ended = any(job.completed is not None for one in run.steady() or run.replicates for job in one.judged)
    loaded = next(
        (
            one
            for one in run.replicates
            if one.profile != "burst" and any(job.completed is not None for job in one.jobs)
        ),
        None,
    )
    if loaded is not None:
        key = '<span class="key">ended</span><span class="key model">asked for</span>'
        cards.append(_card("Throughput over time", key, charts.throughput(run, loaded, test.nouns)))
        cards.append(
            _card(
                f"Time to {test.noun} over time",
                f"Each {test.noun}, by the moment it was wanted.",
                charts.latency(run, loaded, demand, test.noun),
            )
        )
    if ended:
        key = '<span class="key">measured</span><span class="key model">model at the nominal load</span>'
        cards.append(
            _card(
                f"Percentiles of the time to {test.noun}",
                key if loaded else '<span class="key">of the burst</span>',
                charts.percentiles(run, demand, test),
            )
        )
    if loaded is not None and loaded.samples:
        key = '<span class="key">waiting</span><span class="key model">being written</span>'
        cards.append(_card("Backlog", key, charts.waiting(run, loaded, test)))
    for one in run.bursts():
        if one.samples and any(job.done for job in one.jobs):
            key = '<span class="key">measured</span><span class="key model">what the slots need</span>'
            cards.append(
                _card(
                    f"Drain of {len(one.jobs)} at once",
                    key,
                    charts.backlog(run, one, run.row.processes[test.worker]),
                )
            )
    heard = loaded or next((one for one in run.replicates if one.requests), None)
    if heard is not None:
        key = '<span class="key">all requests</span><span class="key model">creations, from the intended moment</span>'
        cards.append(_card("API latency", key, charts.api(heard, demand, test)))
    if any(one.samples for one in run.replicates):
        cards.append(
            _card(
                "Connections against budget",
                "At their peak; behind, what the pools allow.",
                charts.connections(run, test),
            )
        )
    if run.roles and any(live.memory_peak for live in run.roles.values()):
        cards.append(
            _card(
                "Memory against budget",
                f"PSS at its peak; the plan has {run.row.memory_mb} MB, 80 % of it may be used.",
                charts.memory(run, test),
            )
        )
    return (
        f'<section id="{run.tier}"><h2><span style="text-transform:capitalize">{run.tier}</span> {_word(verdict.grade)}</h2>'
        f'{_binds(verdict, test)}<div class="cards">{"".join(cards)}</div>{_sentences("The verdict", verdict.judgements)}</section>'
    )


def _binds(verdict: Verdict, test: LoadTest) -> str:
    """Which role is the first to be too small, and what it carries."""
    neighbour = verdict.of("neighbour").sentences
    row = next((one for one in neighbour if one.about == "row" and one.role), None)
    if row is None:
        return '<p class="binds soft">What binds first is not known: see what was not judged.</p>'
    title = test.column(row.role).title
    reach = next((one.said for one in neighbour if one.role == row.role and one.about != "row"), "")
    return (
        f'<p class="binds"><b>Binds first: {escape(title)}</b> <span class="soft">{escape(reach)}</span></p>'
    )


def _card(title: str, words: str, drawn: str) -> str:
    return f'<figure class="card"><h3>{title}</h3><p>{words}</p>{drawn}</figure>'


def _sentences(title: str, judgements: Sequence[Judgement]) -> str:
    every = [(judgement.check, sentence) for judgement in judgements for sentence in judgement.sentences]
    passed = [one for one in every if one[1].grade is Grade.PASS]
    others = [one for one in every if one[1].grade is not Grade.PASS]
    return "".join(
        f'<details{" open" if unfolded else ""}><summary>{words}</summary><ul class="findings">{"".join(_sentence(*one) for one in found)}</ul></details>'
        for words, found, unfolded in (
            (f"{title}: {len(others)} that did not pass", others, True),
            (f"{title}: {len(passed)} that passed", passed, False),
        )
        if found
    )


def _sentence(check: str, sentence: Sentence) -> str:
    value = "" if sentence.measured is None else f' data-value="{sentence.measured.value}"'
    return (
        f'<li data-check="{check}" data-about="{escape(sentence.about)}"{value}>{_word(sentence.grade)}'
        f'<span>{escape(sentence.about)} <span class="said">{escape(sentence.said)}</span></span></li>'
    )


def _word(grade: Grade) -> str:
    return f'<span class="word {_class(grade)}">{SIGNS[grade]} {grade}</span>'


def _sign(grade: Grade) -> str:
    return f'<span class="{_class(grade)}" aria-hidden="true">{SIGNS[grade]}</span>'


def _class(grade: Grade) -> str:
    return grade.replace(" ", "-")
