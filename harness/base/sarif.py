"""Findings of tools as SARIF 2.1.0 (OASIS), which code scanning and editors read.

A tool with findings makes an `Analysis` of them and calls `write`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

VERSION = "2.1.0"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"  # the root of the repository, in whichever folder it lies (SARIF 2.1.0, 3.14.14)
LEVELS = ("error", "warning", "note", "none")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a tool looks for.

    Args:
        name: by which results refer to it.
        states: what holds where the tool finds nothing, in one sentence; empty where the name is enough.
        why: it matters; may be empty.
    """

    name: str
    states: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One thing that a tool found.

    Args:
        rule: name of the one that is broken.
        message: what is wrong.
        file: path from the repository's root; empty for none.
        line: counted from 1; 0 for the whole file.
        column: counted from 1; 0 for the whole line.
        level: one of LEVELS.
    """

    rule: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    level: str = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One run of one tool.

    Args:
        tool: its name.
        version: of it; empty where nobody says.
        rules: rules that it applied; further rules that results name are added.
        results: what it found.
        failure: why it could not finish; empty where it did. A failed run without results is no pass.
    """

    tool: str
    version: str = ""
    rules: Sequence[Rule] = ()
    results: Sequence[Result] = ()
    failure: str = ""


def document(analyses: Sequence[Analysis]) -> dict[str, Any]:
    """All of it, as the format has it.

    Args:
        analyses: one a tool.

    Raises:
        ValueError: a result has an unknown level.
    """
    return {"$schema": SCHEMA, "version": VERSION, "runs": [_run(analysis) for analysis in analyses]}


def write(path: Path, analyses: Sequence[Analysis]) -> None:
    """Write it into a file, whose folder is made if it is not there.

    Args:
        path: of the file.
        analyses: see `document`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(analyses), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _run(analysis: Analysis) -> dict[str, Any]:
    rules = {rule.name: rule for rule in analysis.rules}
    for result in analysis.results:
        rules.setdefault(result.rule, Rule(result.rule))
    numbers = {name: number for number, name in enumerate(rules)}
    driver: dict[str, Any] = {"name": analysis.tool, "rules": [_rule(rule) for rule in rules.values()]}
    if analysis.version:
        driver["version"] = analysis.version
    invocation: dict[str, Any] = {"executionSuccessful": not analysis.failure}
    if analysis.failure:
        notice = {"level": "error", "message": {"text": analysis.failure}}
        invocation["toolExecutionNotifications"] = [notice]
    return {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": [_result(result, numbers) for result in analysis.results],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    made: dict[str, Any] = {"id": rule.name}
    if rule.states:
        made["shortDescription"] = {"text": rule.states}
    if rule.why:
        made["fullDescription"] = {"text": rule.why}
    return made


def _result(result: Result, numbers: dict[str, int]) -> dict[str, Any]:
    if result.level not in LEVELS:
        raise ValueError(f"{result.level!r} is no level of a result; there are {', '.join(LEVELS)}")
    made: dict[str, Any] = {
        "ruleId": result.rule,
        "ruleIndex": numbers[result.rule],
        "level": result.level,
        "message": {"text": result.message},
    }
    if result.file:
        place: dict[str, Any] = {"artifactLocation": {"uri": quote(result.file), "uriBaseId": ROOT}}
        if result.line > 0:
            column = {"startColumn": result.column} if result.column > 0 else {}
            place["region"] = {"startLine": result.line, **column}
        made["locations"] = [{"physicalLocation": place}]
    return made
