"""The possible changes of a program: a few operators over its syntax tree, each of which changes the text of one place.

They change text, so that everything else stays as it was and a diff shows one thing
(docs/decisions/150-a-mutant-is-a-change-of-text.md).
"""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from harness.experiments.mutants.change import Change
from harness.experiments.mutants.conditions import TRUE, conjuncts

COMPARED: dict[type[ast.cmpop], tuple[bytes, bytes]] = {
    ast.Lt: (rb"<", b"<="),
    ast.LtE: (rb"<=", b"<"),
    ast.Gt: (rb">", b">="),
    ast.GtE: (rb">=", b">"),
    ast.Eq: (rb"==", b"!="),
    ast.NotEq: (rb"!=", b"=="),
    ast.Is: (rb"is\b", b"is not"),
    ast.IsNot: (rb"is\s+not\b", b"is"),
    ast.In: (rb"in\b", b"not in"),
    ast.NotIn: (rb"not\s+in\b", b"in"),
}
JOINED: dict[type[ast.boolop], tuple[bytes, bytes]] = {
    ast.And: (rb"\band\b", b"or"),
    ast.Or: (rb"\bor\b", b"and"),
}
RECKONED: dict[type[ast.operator], tuple[bytes, bytes]] = {
    ast.Add: (rb"\+", b"-"),
    ast.Sub: (rb"-", b"+"),
    ast.Mult: (rb"\*", b"/"),
    ast.Div: (rb"/", b"*"),
}
CONDITIONS = {"where", "filter", "having", "and_"}  # calls whose arguments are conjuncts
# Calls that do not change the behaviour: declarations of types, messages for people.
LEFT_ALONE = {"dataclass", "debug", "info", "warning", "error", "exception"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Statement = ast.stmt | ast.Module


def changes(source: bytes) -> list[Change]:
    """Every change that can be made of a program, in the order of its text; none is made twice.

    Args:
        source: of a module, in UTF-8.

    Raises:
        SyntaxError: it is no program.
    """
    found = _Reader(source).read()
    return sorted({(change.start, change.end, change.new): change for change in found}.values())


class _Reader:
    """Reads one module."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._begins = [0]
        for line in source.splitlines(keepends=True):
            self._begins.append(self._begins[-1] + len(line))

    def read(self) -> Iterator[Change]:
        tree = ast.parse(self._source)
        yield from self._children(tree, tree, in_function=False)

    def _children(self, node: ast.AST, statement: Statement, *, in_function: bool) -> Iterator[Change]:
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "returns", "type_params", "decorator_list"}:
                continue
            # A default is evaluated when the module is imported, and used when the function is called.
            inside = in_function or (isinstance(node, FUNCTIONS) and name in {"body", "args"})
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not _said(child):
                    nearest = child if isinstance(child, ast.stmt) else statement
                    yield from self._of(child, nearest, in_function=inside)
                    yield from self._children(child, nearest, in_function=inside)

    def _of(self, node: ast.AST, statement: Statement, *, in_function: bool) -> Iterator[Change]:
        lines = _lines(statement)
        for kind, start, end, new in self._made(node):
            if self._source[start:end] != new:
                yield Change(start, end, new, kind, lines, not in_function)

    def _made(self, node: ast.AST) -> Iterator[tuple[str, int, int, bytes]]:
        match node:
            case ast.Compare():
                operands = [node.left, *node.comparators]
                for (left, right), operator in zip(pairwise(operands), node.ops, strict=True):
                    yield from self._between("comparison", left, right, *COMPARED[type(operator)])
            case ast.BoolOp():
                for left, right in pairwise(node.values):
                    yield from self._between("boolean", left, right, *JOINED[type(node.op)])
            case ast.BinOp() if type(node.op) in RECKONED:
                yield from self._between("arithmetic", node.left, node.right, *RECKONED[type(node.op)])
            case ast.UnaryOp(op=ast.Not(), operand=inner) | ast.Await(value=inner):
                kind = "await" if isinstance(node, ast.Await) else "boolean"
                yield kind, *self._span(node), self._text(inner)
            case ast.If() | ast.IfExp() if not isinstance(node.test, ast.UnaryOp) and not _typing(node.test):
                yield "branch", *self._span(node.test), b"not (" + self._text(node.test) + b")"
            case _:
                yield from self._told(node)

    def _told(self, node: ast.AST) -> Iterator[tuple[str, int, int, bytes]]:
        if isinstance(node, ast.Constant | ast.JoinedStr):
            yield from self._constant(node)
        elif isinstance(node, ast.Call):
            yield from self._conjuncts(node)

    def _constant(self, node: ast.Constant | ast.JoinedStr) -> Iterator[tuple[str, int, int, bytes]]:
        start, end = self._span(node)
        if isinstance(node, ast.JoinedStr) or isinstance(node.value, str):
            for first, last in conjuncts(self._source[start:end]):
                yield "condition", start + first, start + last, TRUE
        elif isinstance(node.value, bool):
            yield "constant", start, end, str(not node.value).encode()
        elif isinstance(node.value, int | float):
            yield "constant", start, end, b"1" if node.value == 0 else b"(" + self._text(node) + b" + 1)"

    def _conjuncts(self, node: ast.Call) -> Iterator[tuple[str, int, int, bytes]]:
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name not in CONDITIONS or any(isinstance(one, ast.Starred) for one in node.args):
            return
        if len(node.args) == 1 and isinstance(called, ast.Attribute):
            yield "condition", self._span(called.value)[1], self._span(node)[1], b""
        elif len(node.args) > 1:
            for index, one in enumerate(node.args):
                start, end = self._span(one)
                if index + 1 < len(node.args):
                    end = self._span(node.args[index + 1])[0]
                else:
                    start = self._span(node.args[index - 1])[1]
                yield "condition", start, end, b""

    def _between(
        self, kind: str, left: ast.expr, right: ast.expr, old: bytes, new: bytes
    ) -> Iterator[tuple[str, int, int, bytes]]:
        """The operator that stands between two operands, where no comment and no bracket hides it."""
        start, end = self._span(left)[1], self._span(right)[0]
        gap = self._source[start:end]
        if b"#" not in gap and (found := re.search(old, gap)):
            yield kind, start + found.start(), start + found.end(), new

    def _span(self, node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._begins[node.lineno - 1] + node.col_offset,
            self._begins[node.end_lineno - 1] + node.end_col_offset,
        )

    def _text(self, node: ast.expr) -> bytes:
        start, end = self._span(node)
        return self._source[start:end]


def _said(node: ast.AST) -> bool:
    """Whether it is a docstring, or a call that is left alone."""
    value = node.value if isinstance(node, ast.Expr) else node
    if isinstance(node, ast.Expr) and isinstance(value, ast.Constant):
        return True
    if not isinstance(value, ast.Call):
        return False
    called = value.func
    return (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in LEFT_ALONE


def _typing(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _lines(statement: Statement) -> tuple[int, int]:
    """The lines of a statement; of a compound one those of its head, and of a function all, because its body uses its defaults."""
    if isinstance(statement, ast.Module):
        return 1, 1
    last = statement.end_lineno or statement.lineno
    body = getattr(statement, "body", None)
    if body and not isinstance(statement, FUNCTIONS):
        last = max(statement.lineno, body[0].lineno - 1)
    return statement.lineno, last
