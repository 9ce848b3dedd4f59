"""What the tools of `make check` say becomes findings with file and line, and a tool that broke is no pass."""

import json

import pytest

from harness.base.exits import Exit
from harness.base.github import ACTIONS
from harness.tests.base import sarif_schema
from scripts import check
from scripts.check import CONCISE, TYPES, Tool, file_of, forbidden_imports, located

BROKEN = """
Contracts: 4 kept, 2 broken.


----------------
Broken contracts
----------------

Application and harness know nothing of each other; what joins them stands above
both
--------------------------------------------------------------------------------
-----

app is not allowed to import harness:

- app.core.urls -> harness.system.system (l.3)

- app.core.urls -> app.core.settings (l.12)
  app.core.settings -> harness.base.wait (l.2)


Nothing in the harness imports in a circle
------------------------------------------

It could be considered to make harness.base.wait a sibling:

- harness.base -> harness.nodes (l. 7)


"""


def said(results):
    return [(one.rule, one.file, one.line, one.column, one.message) for one in results]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (
            CONCISE,
            "app/a.py:3:7: E501 Line too long (9 > 8)",
            ("E501", "app/a.py", 3, 7, "Line too long (9 > 8)"),
        ),
        (CONCISE, "a.py:1:8: F401 [*] `os` is unused", ("F401", "a.py", 1, 8, "`os` is unused")),
        (
            CONCISE,
            "a.py:1:8: unformatted: File would change",
            ("unformatted", "a.py", 1, 8, "File would change"),
        ),
        (CONCISE, "a.py:2:1: invalid-syntax: end of file", ("invalid-syntax", "a.py", 2, 1, "end of file")),
        (TYPES, "a.py:5:1: error: No type  [no-untyped-def]", ("no-untyped-def", "a.py", 5, 1, "No type")),
        (TYPES, 'a.py:5: error: Not "a: b"', ("error", "a.py", 5, 0, 'Not "a: b"')),
    ],
)
def test_a_line_is_file_line_rule_and_message(pattern, text, expected):
    assert said(located(pattern)(f"before\n{text}\nFound 1 error in 1 file (checked 9 source files)\n")) == [
        expected
    ]


def test_notes_are_no_findings():
    assert said(located(TYPES)("a.py:5:1: note: see there\n")) == []


def test_every_import_of_a_broken_contract_is_one():
    layers = "Application and harness know nothing of each other; what joins them stands above both"
    circle = "Nothing in the harness imports in a circle"
    assert [one[:3] for one in said(forbidden_imports(BROKEN))] == [
        (layers, "app/core/urls.py", 3),
        (layers, "app/core/urls.py", 12),
        (layers, "app/core/settings/__init__.py", 2),
        (circle, "harness/base/__init__.py", 7),
    ]
    assert said(forbidden_imports("Contracts: 6 kept, 0 broken.\n")) == []


def test_a_package_is_its_first_file():
    assert file_of("harness.base") == "harness/base/__init__.py"
    assert file_of("harness.base.wait") == "harness/base/wait.py"


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """`make check` with tools that write a text and end with a code."""

    def ended(*tools):
        made = [
            Tool("ruff", ("python", "-c", f"print({text!r}); raise SystemExit({code})"), located(CONCISE))
            for text, code in tools
        ]
        monkeypatch.setattr(check, "TOOLS", made)
        path = tmp_path / "check.sarif"
        code = check.main(["--sarif", str(path)])
        written = json.loads(path.read_text(encoding="utf-8"))
        assert sarif_schema.problems(written) == []
        return code, written["runs"], capsys.readouterr().out

    return ended


def test_what_is_clean_has_no_findings(run):
    code, (analysis,), shown = run(("All checks passed!", 0))
    assert (code, analysis["results"], shown) == (Exit.HOLDS, [], "All checks passed!\n")


def test_no_tool_hides_what_another_finds(run):
    code, analyses, shown = run(("a.py:1:2: E1 bad", 1), ("b.py:3:4: E2 worse", 1))
    assert code is Exit.VIOLATED
    assert [len(one["results"]) for one in analyses] == [1, 1]
    assert shown == "a.py:1:2: E1 bad\nb.py:3:4: E2 worse\n"


def test_a_tool_that_broke_is_no_pass(run):
    code, (analysis,), _ = run(("no such option", 2))
    assert code is Exit.VIOLATED
    assert not analysis["invocations"][0]["executionSuccessful"]
    assert "no such option" in analysis["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_where_github_reads_the_log_each_finding_is_an_annotation(run, monkeypatch):
    monkeypatch.setenv(ACTIONS, "true")
    _, _, shown = run(("a.py:1:2: E1 bad: 100 %", 1), ("broken", 2))
    first, second = (line for line in shown.splitlines() if line.startswith("::"))
    assert first.startswith("::error file=a.py,line=1,title=")
    assert first.endswith("%3A E1::bad: 100 %25")
    assert second.startswith("::error title=python")
