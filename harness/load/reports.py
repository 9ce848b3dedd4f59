"""What a run leaves for people and programs: a page, Markdown for a pull request, JSON, annotations in GitHub's log."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from loadtests.finding import Finding, Judgement, Outcome, shown
from loadtests.page import page
from loadtests.seen import Run
from loadtests.show import ASSUMED
from loadtests.tiers import Demands
from loadtests.verdict import Verdict

SIGNS = {
    Outcome.PASS: "✓",
    Outcome.FAIL: "✗",
    Outcome.INCONCLUSIVE: "?",
    Outcome.INVALID: "∅",
    Outcome.NOT_JUDGED: "·",
}
PAGE = "report.html"
LEVELS = {Outcome.FAIL: "error", Outcome.INVALID: "error", Outcome.INCONCLUSIVE: "warning"}


def write(
    runs: Sequence[Run], verdicts: Sequence[Verdict], between: Sequence[Judgement], folder: Path
) -> Path:
    """Write all of it into a folder.

    Returns:
        Path of the page.
    """
    demands = Demands.load().tiers
    html = page(runs, verdicts, between, [demands[run.tier] for run in runs])
    (folder / PAGE).write_text(html, encoding="utf-8")
    (folder / "verdict.json").write_text(json.dumps(document(runs, verdicts, between), indent=1))
    (folder / "report.md").write_text(markdown(runs, verdicts, between))
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a") as file:
            file.write(markdown(runs, verdicts, between))
    return folder / PAGE


def document(
    runs: Sequence[Run], verdicts: Sequence[Verdict], between: Sequence[Judgement]
) -> dict[str, Any]:
    """For programs."""
    return {
        "assumption": ASSUMED,
        "tiers": [
            {
                "tier": verdict.tier,
                "outcome": verdict.outcome,
                "exit_code": int(verdict.exit),
                "row": dict(run.row.processes),
                "depth": run.depth,
                "speed": run.speed,
                "cores": run.cores,
                "carries_per_hour": None if verdict.carries is None else asdict(verdict.carries),
                "usd_per_1000": verdict.cost,
                "checks": [_check(judgement) for judgement in verdict.judgements],
            }
            for run, verdict in zip(runs, verdicts, strict=True)
        ],
        "between": [_check(judgement) for judgement in between],
    }


def _check(judgement: Judgement) -> dict[str, Any]:
    return {
        "check": judgement.check,
        "outcome": judgement.outcome,
        "findings": [asdict(finding) for finding in judgement.findings],
    }


def markdown(runs: Sequence[Run], verdicts: Sequence[Verdict], between: Sequence[Judgement]) -> str:
    """For a pull request: the table first, then whatever did not pass."""
    lines = [
        "| tier | API | logs | content | verdict | carries an hour | 1,000 roadmaps |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for run, verdict in zip(runs, verdicts, strict=True):
        cells = " | ".join(str(count) for count in run.row.processes.values())
        carries = "" if verdict.carries is None else shown(verdict.carries)
        cost = "" if verdict.cost is None else f"${verdict.cost:.2f}"
        lines.append(
            f"| {verdict.tier} | {cells} | {SIGNS[verdict.outcome]} {verdict.outcome} | {carries} | {cost} |"
        )
    lines += ["", ASSUMED, ""]
    for name, judgement in _all(verdicts, between):
        for finding in judgement.findings:
            if finding.outcome not in {Outcome.PASS, Outcome.NOT_JUDGED}:
                lines.append(f"- {SIGNS[finding.outcome]} **{name}** {finding.about}: {finding.said}")
    return "\n".join(lines) + "\n"


def annotations(verdicts: Sequence[Verdict], between: Sequence[Judgement]) -> list[str]:
    """Lines that GitHub shows beside the change."""
    return [
        f"::{LEVELS[finding.outcome]} file=deploy/tiers.toml,title={name} {judgement.check}::{_escaped(finding)}"
        for name, judgement in _all(verdicts, between)
        for finding in judgement.findings
        if finding.outcome in LEVELS
    ]


def _all(verdicts: Sequence[Verdict], between: Sequence[Judgement]) -> list[tuple[str, Judgement]]:
    return [
        *((verdict.tier, judgement) for verdict in verdicts for judgement in verdict.judgements),
        *(("rows", judgement) for judgement in between),
    ]


def _escaped(finding: Finding) -> str:
    text = f"{finding.about}: {finding.said}"
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
