"""Each revision names the programs that may work on it, and removes nothing that they use."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from scenarios.roadmaps.audit_rules.narrowing import narrows, tables_made

FOLDER = "app/migrations/versions"
SAYS = "OLDEST_PROGRAM"
TAKES = {"drop_column", "drop_table", "rename_table"}
BINDS = {
    *("create_unique_constraint", "create_check_constraint", "create_foreign_key"),
    *("create_exclude_constraint", "create_primary_key"),
}
HARMLESS_CONSTRAINT = re.compile(r"(?:ck|fk)_|.*_(?:check|fkey)$")  # ON CONFLICT cannot name it
MAKES_A_VALUE = {"Identity", "Computed"}


def _judge(subject: Subject) -> Iterator[Flaw]:
    before = ""
    known: set[str] = set()
    for path in sorted((subject.root / FOLDER).glob("[!_]*.py")):
        file = f"{FOLDER}/{path.name}"
        try:
            tree = ast.parse(subject.text(file) or "")
        except SyntaxError as error:
            yield Flaw(Place(file, error.lineno or 0), "is no Python", "correct it")
            continue
        said = _constants(tree)
        revision, oldest = said.get("revision"), said.get(SAYS)
        if not isinstance(revision, str) or oldest not in known | {revision}:
            yield Flaw(
                Place(file, 0, SAYS),
                f"says {oldest!r} of the oldest program that can work on it",
                f'{SAYS} = "{before}" where it only adds: the newest revision of that program',
            )
            continue
        known.add(revision)
        if before and str(oldest) < before:
            for line, what in _taken(tree):
                yield Flaw(
                    Place(file, line, SAYS),
                    f"{what}, and says that a program of {oldest} can work on it",
                    f'{SAYS} = "{before}" if the release of that revision no longer uses it, else take it away one release later',
                )
        before = revision


def _constants(tree: ast.Module) -> dict[str, object]:
    found: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            found |= {target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)}
    return found


def _taken(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and description of everything in the upgrade that removes or forbids something for running programs."""
    # Includes helpers and constants; only the downgrade does not count.
    own = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name == "downgrade")]
    texts = [found for part in own for found in _texts(part)]
    calls = [node for part in own for node in ast.walk(part) if isinstance(node, ast.Call)]
    new = [call for call in calls if _called(call) == "create_table"]
    made = {_constant(call.args[0]) for call in new if call.args} | {
        *tables_made([text for _, text in texts])
    }
    within = {inner for call in new for inner in ast.walk(call)}
    for line, text in texts:
        if narrows(text, made):
            yield line, "takes something away in SQL, or forbids it"
    for call in calls:
        if call not in within and (what := _narrowed(call, made)):
            yield call.lineno, what


def _texts(part: ast.AST) -> Iterator[tuple[int, str]]:
    """Every text with its line, without docstrings; a value in an f-string stands there as a word."""
    if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant):
        return
    if isinstance(part, ast.JoinedStr):
        yield (
            part.lineno,
            "".join(str(_constant(one)) if isinstance(one, ast.Constant) else "x" for one in part.values),
        )
    elif isinstance(part, ast.Constant):
        if isinstance(part.value, str):
            yield part.lineno, part.value
    else:
        for inner in ast.iter_child_nodes(part):
            yield from _texts(inner)


def _narrowed(call: ast.Call, made: Collection[object]) -> str:
    """What a call of Alembic removes or forbids; empty for nothing."""
    called = _called(call)
    given = {word.arg: word.value for word in call.keywords}
    upon = (
        _constant(call.args[1])
        if len(call.args) > 1
        else _constant(given.get("table_name", given.get("source_table")))
    )
    if called in TAKES:
        return f"calls {called}"
    if upon in made:
        return ""
    if called in BINDS or (called == "create_index" and _constant(given.get("unique")) is True):
        return f"calls {called}, by which what older programs write may be refused"
    if called == "drop_constraint" and not _is_harmless(call, given):
        return "drops a constraint that an ON CONFLICT of older programs may name"
    return _of_a_column(call, given)


def _of_a_column(call: ast.Call, given: Mapping[str | None, ast.expr]) -> str:
    if _called(call) == "alter_column":
        undone = "server_default" in given and _constant(given["server_default"], "") is None
        if undone or given.keys() & {"new_column_name", "type_", "nullable"}:
            return "changes a column that older programs write"
    if _called(call) == "Column" and _constant(given.get("nullable")) is False:
        filled = "server_default" in given or any(_called(one) in MAKES_A_VALUE for one in call.args)
        return "" if filled else "adds a column that older programs leave out and that may not be empty"
    return ""


def _is_harmless(dropped: ast.Call, given: Mapping[str | None, ast.expr]) -> bool:
    """Whether a dropped constraint only refused some values."""
    kind = _constant(given.get("type_") or (dropped.args[2] if len(dropped.args) > 2 else None))
    name = _constant(dropped.args[0]) if dropped.args else _constant(given.get("constraint_name"))
    return kind in {"check", "foreignkey"} or (kind is None and bool(HARMLESS_CONSTRAINT.match(str(name))))


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _constant(node: ast.AST | None, otherwise: object = None) -> object:
    return node.value if isinstance(node, ast.Constant) else otherwise


REVISIONS = Rule(
    name="revisions",
    states="each revision names the oldest program that can work on it, and takes nothing away that this one uses, nor forbids it",
    why="during a deploy and after a rollback a program meets a schema that is newer than itself",
    judge=_judge,
    of_files=True,
)
