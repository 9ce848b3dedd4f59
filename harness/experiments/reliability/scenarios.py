"""The existing scenarios of the table, read from their sources, so that figures of removed scenarios do not count."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.base.run import ROOT

FOLDER = "scenarios"
MARKER = "row"


def scenarios_of_rows(root: Path = ROOT) -> dict[str, set[int]]:
    """Every function that is marked as a scenario of a row: node id without parameters -> the rows.

    Args:
        root: of the project.
    """
    found: dict[str, set[int]] = {}
    for path in sorted((root / FOLDER).rglob("test_*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        shared = {
            number
            for node in module.body
            if isinstance(node, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
            for number in _rows(node.value)
        }
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                numbers = shared | {
                    number for decorator in node.decorator_list for number in _rows(decorator)
                }
                if numbers:
                    found[f"{path.relative_to(root).as_posix()}::{node.name}"] = numbers
    return found


def _rows(marks: ast.expr) -> Iterator[int]:
    for node in ast.walk(marks):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == MARKER:
            yield from (
                arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, int)
            )


def unlike(figures: list[dict[str, object]], there: Mapping[str, set[int]]) -> list[str]:
    """Figures without a scenario, and scenarios without a figure, a sentence each.

    Args:
        figures: lines of the table.
        there: see scenarios_of_rows.
    """
    told = {str(line["scenario"]).partition("[")[0] for line in figures}
    faults = [f"{scenario} is no scenario of the table any more" for scenario in sorted(told - set(there))]
    return faults + [f"{scenario} was not run" for scenario in sorted(set(there) - told)]
