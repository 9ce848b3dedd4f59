"""Errors that a scenario expects after the line at which it failed: these are no news for the reader."""

import ast
import inspect
import textwrap
from contextlib import suppress
from types import FrameType
from typing import Any

from harness.system.system import System

SAID = {"expect_errors", "expect_errors_while_hurt"}


def expect_later(system: System, frame: FrameType) -> None:
    """Apply the expectations after the failed line, without demanding that these errors were logged.

    Args:
        system: of the scenario.
        frame: frame of its body, which failed.
    """
    with suppress(OSError, SyntaxError, TypeError):
        lines, first = inspect.getsourcelines(frame.f_code)
        tree = ast.parse(textwrap.dedent("".join(lines)))
        failed = frame.f_lineno - first + 1
        calls = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in SAID
            and node.lineno > failed
        ]
        for call in calls:
            with suppress(Exception):  # its arguments may use names that are not defined yet
                _say(system, call, {**frame.f_globals, **frame.f_locals})


def _say(system: System, call: ast.Call, known: dict[str, Any]) -> None:
    def value(node: ast.expr) -> Any:
        return eval(compile(ast.Expression(node), "<scenario>", "eval"), known)  # noqa: S307 - its own words

    function = call.func
    assert isinstance(function, ast.Attribute)
    if value(function.value) is not system:
        return
    arguments = [value(argument) for argument in call.args]
    named = {keyword.arg: value(keyword.value) for keyword in call.keywords if keyword.arg}
    if function.attr == "expect_errors":
        named["least"] = 0
    system.expect_late(function.attr, *arguments, **named)
