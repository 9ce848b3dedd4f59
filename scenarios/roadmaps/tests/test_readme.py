"""What the README shows is what there is: its scenario, its promises; its commands are run by CI."""

import ast
import re
from pathlib import Path

from scenarios.roadmaps.application import ROOT

README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_each_scenario_shown_is_one_of_ours_word_for_word():
    ours = "\n".join(path.read_text() for path in (ROOT / "scenarios").rglob("*.py"))
    assert blocks("python")
    assert [shown for shown in blocks("python") if shown not in ours] == []


def test_the_promises_shown_are_those_that_verify_proves():
    shown = re.findall(r"^pass  (.*?)  +\d", blocks("text")[0], re.MULTILINE)
    ours = (path for path in (ROOT / "scenarios").rglob("test_*.py") if path != Path(__file__))
    marked = [path for path in ours if "mark.verify" in path.read_text()]
    journeys = sorted(marked)
    functions = [node for path in journeys for node in ast.parse(path.read_text()).body]
    promises = [ast.get_docstring(node) for node in functions if isinstance(node, ast.FunctionDef)]
    assert shown == promises


def test_ci_runs_every_command_shown():
    assert blocks("sh")
    assert "README.md docs/openai.md" in (ROOT / ".ci/run").read_text()


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
