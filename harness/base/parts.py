"""The values that a failed condition compared: its answer alone says only "no"."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

LONGEST = 160  # characters of a value
MOST = 4  # values


def parts_of(probe: Callable[[], object]) -> str:
    """The values that a lambda, or a function of one `return`, compares: each is evaluated once more.

    Args:
        probe: without arguments.

    Returns:
        Such as `order.state() is 'new'`; empty where nothing can be said.
    """
    try:
        if not isinstance(probe, FunctionType):
            return ""
        expression = _expression(probe.__code__)
        closure = inspect.getclosurevars(probe)
        known = {**closure.builtins, **closure.globals, **closure.nonlocals}
        return ", ".join(
            f"{ast.unparse(part)} is {_value(part, known)}"
            for part, _ in zip(_asked(expression), range(MOST), strict=False)
        )
    except Exception:  # noqa: BLE001 - it is a help for a reader, and must not hide what he reads
        return ""


def _expression(code: CodeType) -> ast.expr:
    lines, _ = inspect.findsource(code)
    tree = ast.parse("".join(lines))
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda | ast.FunctionDef) and node.lineno == code.co_firstlineno
    ]
    if code.co_name != "<lambda>":
        function = next(node for node in found if isinstance(node, ast.FunctionDef))
        returned = function.body[-1]
        if len(function.body) > 1 + bool(ast.get_docstring(function)) or not isinstance(returned, ast.Return):
            raise ValueError("it is more than one expression")
        return returned.value or ast.Constant(None)
    column = min(start for *_, start, _ in code.co_positions() if start)  # of the first statement in its body
    # Where a line has two lambdas, take the one with this code.
    bodies = [node.body for node in found if isinstance(node, ast.Lambda)]
    return next(
        body for body in bodies if body.col_offset <= column < (body.end_col_offset or 0) or len(bodies) == 1
    )


def _asked(expression: ast.expr) -> Iterator[ast.expr]:
    """The expressions with values worth showing: sides of a comparison that are no constants, and arguments of any() and all()."""
    match expression:
        case ast.Compare(left=left, comparators=others):
            yield from (side for side in (left, *others) if not isinstance(side, ast.Constant))
        case ast.BoolOp(values=values):
            for value in values:
                yield from _asked(value)
        case ast.UnaryOp(operand=operand):
            yield from _asked(operand)
        case ast.Call(
            func=ast.Name(id="any" | "all" | "bool"), args=[ast.GeneratorExp(generators=[first, *_])]
        ):
            yield first.iter
        case ast.Constant():
            return
        case _:
            yield expression


def _value(part: ast.expr, known: dict[str, Any]) -> str:
    found = eval(compile(ast.Expression(part), "<probe>", "eval"), known)  # noqa: S307 - the scenario's own words
    if isinstance(found, list) and len(found) > 1:
        return f"a list of {len(found)}, the last {_short(found[-1])}"
    return _short(found)


def _short(value: object) -> str:
    return textwrap.shorten(repr(value), LONGEST, placeholder=" ...")
