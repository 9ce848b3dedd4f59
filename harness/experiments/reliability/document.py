"""The document: a pure function of what is declared and of the figures."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from harness.base.commit import CHANGED
from harness.experiments.nemesis.summary import lacking
from harness.experiments.reliability.declared import Declared, Row
from harness.experiments.reliability.figures import Figures

PYTEST = ".venv/bin/pytest"
HEAD = """\
# What is promised, and what was survived

Made by `harness reliability` from `docs/reliability.toml` and from the figures of runs, which it keeps in
`docs/reliability.json`. A test fails where this page is anything else than what these two make of it.
"""
SHOWN_EFFECTS = 4
TRACE_CHARACTERS = 80
UNKNOWN = "?"


def document(declared: Declared, figures: Figures) -> str:
    """docs/reliability.md.

    Args:
        declared: what no run can tell.
        figures: what runs have shown.
    """
    return "\n".join(
        [
            HEAD,
            *_promise(declared),
            *_table(declared, figures),
            *_nemesis(figures),
            *_rare_states(figures),
            *_rest(declared),
        ]
    )


def missing(declared: Declared, figures: Figures) -> list[str]:
    """Why the table is not complete, a sentence each.

    Args:
        declared: which rows there must be, and on which substrates.
        figures: what runs have shown.
    """
    faults = []
    for row in declared.rows:
        lines = figures.of_row(row.number)
        there = {line["substrate"] for line in lines}
        faults += [
            f"row {row.number} was not run on {one}" for one in declared.substrates if one not in there
        ]
        for line in lines:
            where = f"row {row.number}, {line['scenario']} on {line['substrate']}"
            if not line["passed"]:
                faults.append(f"{where}: failed")
            if not line["faults"]:
                faults.append(f"{where}: tells of no fault")
            faults += [f"{where}: {line[what]} {what}" for what in ("lost", "doubled") if line[what]]
        faults += [
            f"row {row.number}: no scenario has judged what was {what} on {substrate}"
            for what in ("lost", "doubled")
            for substrate in sorted(there)
            if all(line[what] is None for line in lines if line["substrate"] == substrate)
        ]
    known = {row.number for row in declared.rows}
    faults += [
        f"there is no row {line['row']}, which {line['scenario']} is of"
        for line in figures.rows
        if line["row"] not in known
    ]
    for run in figures.nemesis:
        if bad := lacking(run):
            faults.append(f"nemesis {run['seed']} on {run['substrate']}: {', '.join(bad)}")
    faults += _of_one_build(declared, figures)
    return faults if figures.nemesis else [*faults, "there is no nemesis"]


def _of_one_build(declared: Declared, figures: Figures) -> list[str]:
    """Whether all figures are of one tier and one commit."""
    lines = [*figures.rows, *figures.nemesis]
    other = sum(declared.tier not in {"", line["tier"]} for line in figures.rows)
    silent = sum(not line.get("commit") for line in lines)
    changed = sum(CHANGED in str(line.get("commit", "")) for line in lines)
    commits = sorted({line["commit"] for line in lines if line.get("commit")})
    wrong = {
        f"{other} lines are of another tier than {declared.tier}": other,
        f"{silent} of {len(lines)} figures do not tell of which commit they are": silent,
        f"{changed} of {len(lines)} figures are of sources that were changed and not committed": changed,
        f"the figures are of {len(commits)} commits: {', '.join(commits)}": len(commits) > 1,
    }
    return [sentence for sentence, so in wrong.items() if so]


def _promise(declared: Declared) -> Iterator[str]:
    yield "## The promise\n"
    yield from (f"- {sentence}" for sentence in declared.promise)
    yield "\n## What is not promised\n"
    yield from (f"- {sentence}" for sentence in declared.not_promised)


def _table(declared: Declared, figures: Figures) -> Iterator[str]:
    yield "\n## Each fault\n"
    yield (
        "Times are over all scenarios of a row on all substrates. The effect is what proves that the fault was felt, as the system"
        " itself tells it. Lost and doubled count what the checks of that name found. Worst recovery is from the heal until the"
        " scenario's own probe says that all is well. `--substrate embedded` or `containers` says where."
    )
    yield ""
    yield "| # | fault | expected | injected | effect seen | lost | doubled | worst recovery | again by |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for row in declared.rows:
        yield _line(row, figures.of_row(row.number))


def _line(row: Row, lines: Sequence[dict[str, Any]]) -> str:
    faults = [fault for line in lines for fault in line["faults"]]
    times: Counter[str] = Counter()
    for line in lines:
        times[line["substrate"]] += sum(fault["times"] for fault in line["faults"])
    recoveries = [fault["worst_recovery"] for fault in faults if fault["worst_recovery"] is not None]
    cells = (
        str(row.number),
        row.fault,
        row.expected,
        ", ".join(f"{count} on {substrate}" for substrate, count in sorted(times.items())) or "not run",
        "; ".join(_effects(faults)) or UNKNOWN,
        _sum(line["lost"] for line in lines),
        _sum(line["doubled"] for line in lines),
        f"{max(recoveries):.1f} s" if recoveries else "not timed",
        f"`{PYTEST} --row {row.number} scenarios`",
    )
    failed = sorted({line["scenario"] for line in lines if not line["passed"]})
    return _row(*cells[:4], f"**failed: {', '.join(failed)}**" if failed else cells[4], *cells[5:])


def _effects(faults: Iterable[dict[str, Any]]) -> list[str]:
    """The first trace of each kind of fault; of many kinds the first few."""
    seen: dict[str, str] = {}
    for fault in faults:
        for trace in fault["traces"][:1]:
            short = textwrap.shorten(trace, TRACE_CHARACTERS, placeholder=" ...")
            seen.setdefault(fault["name"], f"{fault['name']} of {fault['target']}: {short}")
    effects = list(seen.values())
    more = len(effects) - SHOWN_EFFECTS
    return [*effects[:SHOWN_EFFECTS], f"and {more} more kinds"] if more > 1 else effects


def _sum(values: Iterable[int | None]) -> str:
    """The sum of the known values; a line that was judged by other checks does not make it unknown."""
    known = [value for value in values if value is not None]
    return str(sum(known)) if known else UNKNOWN


def _nemesis(figures: Figures) -> Iterator[str]:
    yield "\n## Faults at random\n"
    yield (
        "`harness nemesis` hurts a stack under an open load with one fault or two at once, heals, drains, and judges all of it. The"
        " seed is the schedule."
    )
    yield ""
    yield (
        "| seed | minutes | substrate | windows | accepted | ended as | more than one attempt | lost | doubled | drained after"
        " | worst recovery | POST p99 | checks | again by |"
    )
    yield f"|{' --- |' * 14}"
    for run in figures.nemesis:
        bad = lacking(run)
        yield _row(
            run["seed"],
            f"{run['minutes']:g}",
            run["substrate"],
            run["windows"],
            run["accepted"],
            ", ".join(f"{count} {end}" for end, count in sorted(run["ends"].items())),
            run["more_than_one_attempt"],
            _sum([run["lost"]]),
            _sum([run["doubled"]]),
            _figure(run["drain_seconds"], "s"),
            _figure(run["worst_recovery"], "s"),
            _figure(run["post_p99"], "ms"),
            ", ".join(bad) or f"all {len(run['checks'])} hold",
            f"`.venv/bin/harness nemesis --seed {run['seed']} --minutes {run['minutes']:g} --substrate {run['substrate']}`",
        )


def _rare_states(figures: Figures) -> Iterator[str]:
    """The table of rare states, for runs that count them."""
    telling = [run for run in figures.nemesis if run.get("reached")]
    if not telling:
        return
    yield "\n## Rare states\n"
    yield "How often a run reached what is rare; with `--rare`, one that never did is no proof.\n"
    seeds = [f"seed {run['seed']}" for run in telling]
    yield _row("rare state", *seeds)
    yield f"|{' --- |' * (len(telling) + 1)}"
    for name in dict.fromkeys(name for run in telling for name in run["reached"]):
        yield _row(name, *(run["reached"].get(name, UNKNOWN) for run in telling))


def _figure(value: float | None, unit: str) -> str:
    return UNKNOWN if value is None else f"{value:.0f} {unit}"


def _rest(declared: Declared) -> Iterator[str]:
    yield "\n## Bugs of the product that the harness found\n"
    yield "Each is mended; the command goes red without the mend.\n"
    yield "| bug | found by | again by |"
    yield "| --- | --- | --- |"
    for bug in declared.bugs:
        yield _row(bug.bug, bug.found_by, f"`{PYTEST} {bug.test}`")
    yield "\n## Controls\n"
    yield (
        "A suite that cannot go red proves nothing. Each safety is switched off from outside, in the role's processes only"
        " (docs/decisions/071-a-safety-is-switched-off-from-outside.md), and the check that is there for it must be violated; the"
        " same story with the safety must hold.\n"
    )
    yield "| without | violated | again by |"
    yield "| --- | --- | --- |"
    for control in declared.controls:
        yield _row(control.without, f"`{control.check}`", f"`{PYTEST} {control.test}`")
    yield ""


def _row(*cells: object) -> str:
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"
