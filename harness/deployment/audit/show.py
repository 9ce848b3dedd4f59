"""Breaches for people, for programs, for GitHub and for code scanning."""

import json
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from harness.base import sarif
from harness.base.github import annotation
from harness.deployment.audit.flaw import Severity
from harness.deployment.audit.rule import Breach, Rule

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
ON_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_table(breaches: Sequence[Breach], rules: int) -> RenderableType:
    """A paragraph for each breach, and one line about all of them.

    Args:
        breaches: of an audit.
        rules: how many there are.
    """
    parts: list[RenderableType] = []
    for breach in breaches:
        flaw = breach.flaw
        head = Text.assemble(
            (flaw.severity, STYLES[flaw.severity]), f"  {breach.rule.name}  ", (str(flaw.place), "cyan")
        )
        body = Text.assemble(
            f"{flaw.what}\n", ("why  ", "dim"), f"{breach.rule.why}\n", ("fix  ", "dim"), flaw.fix
        )
        parts += [head, Padding(body, (0, 0, 1, 7))]
    errors = sum(breach.flaw.severity is Severity.ERROR for breach in breaches)
    warnings = sum(breach.flaw.severity is Severity.WARNING for breach in breaches)
    notes = len(breaches) - errors - warnings
    told = f"{errors} errors, {warnings} warnings{f', {notes} notes' if notes else ''} by {rules} rules"
    parts.append(Text(told, style="bold red" if errors else "green"))
    return Group(*parts)


def as_json(breaches: Sequence[Breach]) -> str:
    """A list of objects: rule, severity, file, line, name, what, why, fix."""
    return json.dumps([_fields(breach) for breach in breaches], indent=2, ensure_ascii=False)


def as_github(breaches: Sequence[Breach]) -> str:
    """A workflow command for each breach, which GitHub shows at the line in question."""
    return "\n".join(
        annotation(
            ON_GITHUB[breach.flaw.severity],
            _message(breach, why=True),
            title=f"audit: {breach.rule.name}",
            file=breach.flaw.place.file,
            line=breach.flaw.place.line or 1,
        )
        for breach in breaches
    )


def as_sarif(breaches: Sequence[Breach], rules: Sequence[Rule]) -> sarif.Analysis:
    """The breaches as SARIF, for readers of any tool's findings.

    Args:
        breaches: of an audit.
        rules: the rules of that audit.
    """
    return sarif.Analysis(
        tool="harness audit",
        rules=[sarif.Rule(rule.name, rule.states, rule.why) for rule in rules],
        results=[
            sarif.Result(
                rule=breach.rule.name,
                message=_message(breach),
                file=breach.flaw.place.file,
                line=breach.flaw.place.line,
                level=breach.flaw.severity,
            )
            for breach in breaches
        ],
    )


def _message(breach: Breach, *, why: bool = False) -> str:
    flaw = breach.flaw
    name = f"{flaw.place.name}: " if flaw.place.name else ""
    reason = f"\nwhy: {breach.rule.why}" if why else ""
    return f"{name}{flaw.what}{reason}\nfix: {flaw.fix}"


def _fields(breach: Breach) -> dict[str, str | int]:
    flaw = breach.flaw
    return {
        "rule": breach.rule.name,
        "severity": flaw.severity,
        "file": flaw.place.file,
        "line": flaw.place.line,
        "name": flaw.place.name,
        "what": flaw.what,
        "why": breach.rule.why,
        "fix": flaw.fix,
    }
