"""`python -m harness.fake_openai` is the same program as `python -m harness.providers.openai`, with all its options."""

import subprocess
import sys

import openai as sdk

from harness.base import pace
from harness.tests.providers.openai.conftest import API_KEY, AUTHOR
from harness.tests.providers.starting import started

MODULES = ("harness.providers.openai", "harness.fake_openai")


def usage(module: str) -> str:
    command = [sys.executable, "-m", module, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20 * pace.factor())
    return " ".join(done.stdout.replace(module, "MODULE").split())


def test_the_alias_has_every_option():
    ours, alias = (usage(module) for module in MODULES)
    assert alias == ours
    assert "--announce" in alias


def test_the_alias_answers(tmp_path):
    script = tmp_path / "script.toml"
    script.write_text('[[rules]]\nsteps = [{ kind = "reply", content = "pong" }]')
    options = ("--script", str(script), "--api-key", API_KEY, "--seed", "3")
    with started(MODULES[1], *options, "--author", AUTHOR, "--unscripted", "ours") as url:
        client = sdk.OpenAI(api_key=API_KEY, base_url=f"{url}/v1", max_retries=0)
        answer = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "ping"}])
    assert answer.choices[0].message.content == "pong"
