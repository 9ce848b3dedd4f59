"""The reports of a run for people and programs: a page, Markdown for a pull request, JSON, annotations in GitHub's log."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.base.github import annotation, summarise
from harness.load import findings
from harness.load.declaration import LoadTest
from harness.load.findings import LEVELS, named
from harness.load.judgement import Grade, Judgement, Sentence, shown
from harness.load.page import page
from harness.load.page.frame import SIGNS
from harness.load.record import Run
from harness.load.verdict import Verdict, unjudged_checks

PAGE = "report.html"


def write(
    runs: Sequence[Run],
    verdicts: Sequence[Verdict],
    between: Sequence[Judgement],
    test: LoadTest,
    folder: Path,
) -> Path:
    """Write all of it into a folder.

    Args:
        runs: one a tier.
        verdicts: of each.
        between: of the tiers against each other.
        test: whose runs.
        folder: that is there.

    Returns:
        Path of the page.
    """
    demands = test.traffic.demands.tiers
    html = page(runs, verdicts, between, [demands[run.tier] for run in runs], test)
    (folder / PAGE).write_text(html, encoding="utf-8")
    found = _finite(document(runs, verdicts, between, test))
    (folder / "verdict.json").write_text(json.dumps(found, indent=1, allow_nan=False))
    (folder / "report.md").write_text(markdown(runs, verdicts, between, test))
    findings.write(runs, verdicts, between, test, folder)
    summarise(markdown(runs, verdicts, between, test))
    return folder / PAGE


def document(
    runs: Sequence[Run], verdicts: Sequence[Verdict], between: Sequence[Judgement], test: LoadTest
) -> dict[str, Any]:
    """The report as JSON, for programs."""
    return {
        "assumption": test.assumption,
        "tiers": [
            {
                "tier": verdict.tier,
                "outcome": verdict.grade,
                "exit_code": int(verdict.exit),
                "not_judged": unjudged_checks([verdict]),
                "row": dict(run.row.processes),
                "depth": run.depth,
                "speed": run.speed,
                "cores": run.cores,
                "carries_per_hour": None if verdict.carries is None else asdict(verdict.carries),
                "headroom": None if verdict.headroom is None else asdict(verdict.headroom),
                "usd_per_1000": verdict.cost,
                "workload": run.workload,
                "checks": [_check(judgement) for judgement in verdict.judgements],
            }
            for run, verdict in zip(runs, verdicts, strict=True)
        ],
        "between": [_check(judgement) for judgement in between],
    }


def _finite(value: Any) -> Any:
    """JSON has no infinity: an infinite bound is null."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _check(judgement: Judgement) -> dict[str, Any]:
    return {
        "check": judgement.check,
        "outcome": judgement.grade,
        "findings": [_sentence(sentence) for sentence in judgement.sentences],
    }


def _sentence(sentence: Sentence) -> dict[str, Any]:
    """A sentence for programs, with the grade under the key `outcome`."""
    found = asdict(sentence)
    return {"outcome" if key == "grade" else key: value for key, value in found.items()}


def markdown(
    runs: Sequence[Run], verdicts: Sequence[Verdict], between: Sequence[Judgement], test: LoadTest
) -> str:
    """The report for a pull request: the table first, then everything that did not pass."""
    heads = [
        "tier",
        *(one.name for one in test.columns),
        "verdict",
        "carries an hour",
        "headroom",
        f"1,000 {test.nouns}",
    ]
    lines = [f"| {' | '.join(heads)} |", f"| {' | '.join('---' for _ in heads)} |"]
    for run, verdict in zip(runs, verdicts, strict=True):
        cells = " | ".join(str(run.row.processes[one.role]) for one in test.columns)
        carries = "" if verdict.carries is None else shown(verdict.carries)
        room = "" if verdict.headroom is None else shown(verdict.headroom, "%")
        cost = "" if verdict.cost is None else f"${verdict.cost:.2f}"
        lines.append(
            f"| {verdict.tier} | {cells} | {SIGNS[verdict.grade]} {verdict.grade} | {carries} | {room} | {cost} |"
        )
    lines += [
        "",
        f"Workload: {', '.join(dict.fromkeys(verdict.workload for verdict in verdicts))}. {test.assumption}",
        "",
    ]
    if unjudged := unjudged_checks(verdicts):
        lines += [f"Not judged: {', '.join(unjudged)}.", ""]
    for name, judgement in named(verdicts, between):
        for sentence in judgement.sentences:
            if sentence.grade not in {Grade.PASS, Grade.NOT_JUDGED}:
                lines.append(f"- {SIGNS[sentence.grade]} **{name}** {sentence.about}: {sentence.said}")
    return "\n".join(lines) + "\n"


def annotations(verdicts: Sequence[Verdict], between: Sequence[Judgement], test: LoadTest) -> list[str]:
    """Lines that GitHub shows beside the change."""
    return [
        annotation(
            LEVELS[sentence.grade],
            f"{sentence.about}: {sentence.said}",
            title=f"{name} {judgement.check}",
            file=test.rows_file,
        )
        for name, judgement in named(verdicts, between)
        for sentence in judgement.sentences
        if sentence.grade in LEVELS
    ]
