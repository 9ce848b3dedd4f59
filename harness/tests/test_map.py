"""harness/README.md is the map of the house: each room is on it, and the lists of what a change touches are true."""

import ast
import re
from pathlib import Path

import pytest

from harness.base.project import SOURCE
from harness.cli import app as commands
from harness.deployment.audit.rules import RULES
from harness.evidence.checks import OF_ANY
from harness.substrates.choice import SUBSTRATES
from harness.system import faults

HOUSE = SOURCE / "harness"
MAP = (HOUSE / "README.md").read_text(encoding="utf-8")
NO_ROOMS = {"__init__.py", "py.typed", "README.md", "tests"}
ALIASES = {"fake_openai.py"}  # the former name of a program
MOST_ENTRIES = 14
TUPLES = {  # what is added in one place is a line of one of these
    "fault": ("harness/system/faults/__init__.py", "__all__"),
    "check": ("harness/evidence/checks/__init__.py", "OF_ANY"),
    "rule": ("harness/deployment/audit/rules/__init__.py", "RULES"),
    "substrate": ("harness/substrates/choice.py", "SUBSTRATES"),
}
NOUNS = {  # what has been added so: module of each and its name
    "fault": [(kind.__module__, kind.__name__) for kind in faults.FAULTS],
    "check": [(check.__module__, check.__name__) for check in OF_ANY],
    "rule": sorted({(rule.judge.__module__, rule.judge.__name__) for rule in RULES}),
    "substrate": [tuple(where.split(":")) for where in SUBSTRATES.values()],
    "command": [
        (command.callback.__module__, command.callback.__name__) for command in commands.registered_commands
    ],
}
SENTENCE = re.compile(r"[.](?=\s|$)")


def section(title: str) -> list[list[str]]:
    """The cells of the table below a title."""
    below = MAP.partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in below.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def entries(house: Path = HOUSE) -> set[str]:
    """The rooms; a folder that a room of another day has left behind, with nothing but what Python has compiled, is none."""
    found = {path.name for path in house.iterdir() if path.is_file() or any(path.rglob("*.py"))}
    return found - NO_ROOMS


def test_what_a_former_room_left_behind_is_no_room(tmp_path):
    for left in ("former/__pycache__/noun.cpython-311.pyc", "former/deep/__pycache__/x.pyc", "room/noun.py"):
        (tmp_path / left).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / left).touch()
    assert entries(tmp_path) == {"room"}


def test_the_house_has_few_rooms_and_each_is_on_the_map():
    assert len(entries()) <= MOST_ENTRIES
    shown = {re.sub(r"[`/]", "", row[0]) for row in section("The map")}
    assert shown == entries() - ALIASES


@pytest.mark.parametrize("room", sorted(path for path in entries() if not path.endswith(".py")))
def test_a_room_says_what_it_is_what_it_may_import_and_where_to_begin(room):
    said = ast.get_docstring(ast.parse((HOUSE / room / "__init__.py").read_text(encoding="utf-8")))
    assert said
    assert len(SENTENCE.findall(said)) >= 3
    assert re.search(r"[Ii]mports", said)
    assert "Begin" in said or "begin" in said


@pytest.mark.parametrize("row", section("The map"), ids=lambda row: row[0])
def test_where_the_map_says_to_begin_there_is_something(row):
    room, _, begin = (cell.strip("`") for cell in row)
    assert (HOUSE / room / begin).is_file()


@pytest.mark.parametrize("row", section("I want to add a ..."), ids=lambda row: row[0])
def test_what_a_change_touches_is_there(row):
    what, touched, _ = row
    files = re.findall(r"`(harness/[\w/.]+)`", touched)
    for file in files:
        assert (SOURCE / file).exists(), file
    if what in TUPLES:
        file, name = TUPLES[what]
        assert file in files
        assert re.search(rf"^{name}\b", (SOURCE / file).read_text(encoding="utf-8"), re.MULTILINE)


def mentions(path: Path) -> set[tuple[str, str]]:
    """Module and name of all that a file imports by name, or names in a string such as `module:name`."""
    found: set[tuple[str, str]] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {(node.module or "", alias.name) for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count(":") == 1:
            module, _, name = node.value.partition(":")
            found.add((module, name))
    return found


@pytest.mark.parametrize("what", NOUNS)
def test_what_there_is_stands_in_no_other_file_than_the_list_says(what):
    """So the next one of its kind need not stand there either."""
    touched = next(row[1] for row in section("I want to add a ...") if row[0] == what)
    folder, *files = re.findall(r"`(harness/[\w/.]+)`", touched)
    nouns = {*NOUNS[what]}
    assert len(nouns) > 2
    packages = {package for module, _ in nouns for package in (module, module.rpartition(".")[0])}
    wanted = {(package, name) for package in packages for _, name in nouns}
    elsewhere = {
        path.relative_to(SOURCE).as_posix(): found
        for path in HOUSE.rglob("*.py")
        if "tests" not in path.relative_to(HOUSE).parts
        and path.relative_to(SOURCE).as_posix() not in files
        and path.parent != SOURCE / folder  # one kind may build on another
        and (found := mentions(path) & wanted)
    }
    assert elsewhere == {}


def test_every_kind_of_change_is_listed():
    listed = {row[0] for row in section("I want to add a ...")}
    assert listed >= {"role", "fault", "check", "rule", "substrate", "server", "provider", "application"}


def test_no_room_takes_a_private_name_of_another():
    taken = []
    for path in (path for path in HOUSE.rglob("*.py") if "tests" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("harness"):
                names = (*(node.module or "").split("."), *(alias.name for alias in node.names))
                taken += [
                    (path.name, name) for name in names if name.startswith("_") and not name.endswith("__")
                ]
    assert taken == []
