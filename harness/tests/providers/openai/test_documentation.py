"""What the guide to the scripted OpenAI shows is what there is; its commands are run by CI."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.base.run import ROOT
from harness.providers.http import scenario as http
from harness.providers.latency import Delay
from harness.providers.openai.scenario import Scenario
from harness.providers.openai.steps import AnyStep

GUIDE = (ROOT / "docs/openai.md").read_text()


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)[number]


def test_the_script_shown_can_be_loaded_and_the_verbs_shown_be_said(tmp_path, monkeypatch, openai):
    (tmp_path / "script.toml").write_text(block("toml"))
    monkeypatch.chdir(tmp_path)
    exec(block("python"), {"openai": openai, "Delay": Delay, "Path": Path})  # noqa: S102 - ours
    shown = Scenario.load(tmp_path / "script.toml")
    assert (shown.speed, shown.unscripted, len(shown.rules[0].steps)) == (10, "nothing", 3)


def test_the_script_of_another_service_can_be_loaded_too(tmp_path):
    (tmp_path / "script.toml").write_text(block("toml", 1))
    shown = http.Scenario.load(tmp_path / "script.toml")
    assert (shown.reply.status, shown.rules[0].match.headers) == (202, {"x-kind": "refund"})


@pytest.mark.parametrize("module", ["harness.providers.http.__main__", "harness.providers.openai.__main__"])
def test_every_option_is_in_the_guide(module):
    command = [sys.executable, "-m", module.removesuffix(".__main__"), "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    options = set(re.findall(r"--[a-z-]+", said)) - {"--help", "--host"}
    assert {option for option in options if option not in GUIDE} == set()


def test_every_kind_of_step_and_every_verb_is_in_the_table():
    from harness.providers.openai.behaviour import Behaviour

    kinds = {kind.__struct_config__.tag for kind in AnyStep.__args__}
    verbs = {name for name in dir(Behaviour) if not name.startswith("_")} - {"cycle", "no_more"}
    assert {word for word in kinds | verbs if f"`{word}`" not in GUIDE} == set()


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", GUIDE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
