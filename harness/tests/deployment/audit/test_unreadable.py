"""Whatever is in a file's place, the audit says which file it is: by one rule, as an error, and never by a traceback."""

import os

import pytest

from harness.deployment.audit import Severity, audit
from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.tests.deployment import shop
from harness.tests.deployment.shop import FILES

READ = {
    "platform/services.toml": "declaration",
    "platform/tiers.toml": "declaration",
    "shop/kinds.py": "declaration",
    "compose.yaml": "compose",
    "Dockerfile.shop": "image",
    ".dockerignore": "image",
    "bin/start.sh": "entrypoint",
    "shop/health.py": "health_check",
}
MISSING = {"Dockerfile.shop": "dockerfile"}
CONTENTS = {
    "empty": b"",
    "blank": b"\n \n\t\n",
    "a comment": b"# nothing yet\n",
    "a null byte": b"\x00",
    "a word": b"nothing",
    "a brace": b"{",
    "a bracket": b"[",
    "a list": b"- 1\n- [2]\n",
}


def spoilt(repository, file, content):
    (repository / file).write_bytes(content)
    return repository


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("file", READ)
def test_a_file_with_nothing_of_use_in_it(repository, judged, file, content):
    found = judged(spoilt(repository, file, CONTENTS[content]))
    assert {breach.rule.name for breach in found} == {READ[file]}, found
    assert {breach.flaw.severity for breach in found} == {Severity.ERROR}
    no_python = content in {"a null byte", "a brace", "a bracket"}
    # Where no route is declared, the place is the declaration that names one.
    named = "platform/services.toml" if file == "shop/health.py" and not no_python else file
    assert named in {breach.flaw.place.file for breach in found}


@pytest.mark.parametrize("file", READ)
def test_a_file_that_is_no_text(repository, judged, file):
    text = FILES[file].encode()
    middle = text.index(b"\n", len(text) // 2) + 1
    (breach,) = judged(spoilt(repository, file, text[:middle] + b"\xff\n" + text[middle:]))
    declares = READ[file] == "declaration"
    assert breach.rule.name == ("declaration" if declares else "readable")
    assert (breach.flaw.place.file, breach.flaw.severity) == (file, Severity.ERROR)
    assert breach.flaw.place.line == text.count(b"\n", 0, middle) + 1


@pytest.mark.parametrize("file", READ)
def test_a_folder_in_a_files_place(repository, judged, file):
    (repository / file).unlink()
    (repository / file).mkdir()
    found = judged(repository)
    (rule,) = {breach.rule.name for breach in found}
    assert rule == {"Dockerfile.shop": "dockerfile"}.get(
        file, "declaration" if READ[file] == "declaration" else "readable"
    )
    assert found[0].flaw.place.file == ("platform/services.toml" if file == "Dockerfile.shop" else file)


@pytest.mark.parametrize("file", READ)
def test_a_file_that_is_missing(repository, judged, file):
    (repository / file).unlink()
    found = judged(repository)
    assert {breach.rule.name for breach in found} == {MISSING.get(file, READ[file])}
    assert {breach.flaw.severity for breach in found} == {Severity.ERROR}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_nobody_may_read(repository, judged):
    (repository / "compose.yaml").chmod(0)
    assert [breach.rule.name for breach in judged(repository)] == ["readable"]


@pytest.mark.parametrize(
    "value", ["1", "true", '"x"', "[]", "[1]", "{}", "1.5", "1979-05-27", "{ a = { b = 1 } }"]
)
def test_a_value_of_another_type_is_named_with_its_line(repository, judged, value):
    """In each place of both declarations, one at a time."""
    for file in ("platform/services.toml", "platform/tiers.toml"):
        lines = FILES[file].splitlines()
        for number, line in enumerate(lines):
            if "=" not in line:
                continue
            changed = [*lines[:number], f"{line.split(' = ')[0]} = {value}", *lines[number + 1 :]]
            for breach in judged(spoilt(repository, file, "\n".join(changed).encode())):
                assert "could not be judged" not in breach.flaw.what, changed[number]
                if breach.rule.name == "declaration":
                    assert breach.flaw.place.file == file
                    assert breach.flaw.place.line, breach.flaw.what
        spoilt(repository, file, FILES[file].encode())


def test_a_rule_that_breaks_is_no_pass(repository):
    def breaks(_):
        yield Flaw(Place("a", 1), "wrong", "mend it")
        raise LookupError("odd")

    rule = Rule(name="frail", states="", why="", judge=breaks)
    assert [breach.flaw.what for breach in audit(repository, shop.PROGRAM, [rule])] == [
        "wrong",
        "could not be judged: LookupError: odd",
    ]
