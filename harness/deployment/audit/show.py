"""Breaches for people, for programs and for GitHub."""

import json
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from harness.deployment.audit.flaw import Severity
from harness.deployment.audit.rule import Breach

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


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
    warnings = len(breaches) - errors
    told = f"{errors} errors, {warnings} warnings by {rules} rules"
    parts.append(Text(told, style="bold red" if errors else "green"))
    return Group(*parts)


def as_json(breaches: Sequence[Breach]) -> str:
    """A list of objects: rule, severity, file, line, name, what, why, fix."""
    return json.dumps([_fields(breach) for breach in breaches], indent=2, ensure_ascii=False)


def as_github(breaches: Sequence[Breach]) -> str:
    """A workflow command for each breach, which GitHub shows at the line in question."""
    lines = []
    for breach in breaches:
        flaw = breach.flaw
        properties = {
            "file": flaw.place.file,
            "line": str(flaw.place.line or 1),
            "title": f"audit: {breach.rule.name}",
        }
        shown = ",".join(f"{name}={_escaped(value, ',:')}" for name, value in properties.items())
        name = f"{flaw.place.name}: " if flaw.place.name else ""
        message = f"{name}{flaw.what}\nwhy: {breach.rule.why}\nfix: {flaw.fix}"
        lines.append(f"::{flaw.severity} {shown}::{_escaped(message)}")
    return "\n".join(lines)


def _escaped(text: str, more: str = "") -> str:
    """As GitHub's workflow commands want it: the percent sign first."""
    for character in ("%", "\r", "\n", *more):
        text = text.replace(character, f"%{ord(character):02X}")
    return text


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
