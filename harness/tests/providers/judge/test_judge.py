"""Each sin of a planted client turns exactly its check red, and a good client is green throughout."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness.providers.judge.checks import CHECKS, Judge, NotJudgedError
from harness.providers.judge.client import AddressClient, CommandClient
from harness.providers.judge.running import running
from harness.providers.openai.client import FakeOpenAI

PLANTED = Path(__file__).with_name("planted.py")
SECRETS = {"OPENAI_API_KEY": "sk-judged-by-a-test", "DATABASE_PASSWORD": "hunter2-hunter2"}
PATIENCE, REST = 8.0, 0.5
SINS = {
    "retries-400": "statuses",
    "never-429": "statuses",
    "ignores-retry-after": "retry-after",
    "hammers": "hammering",
    "ignores-it-after-429": "retry-after",
    "hammers-connections": "hammering",
    "hammers-in-other-words": "hammering",
    "takes-a-cut-answer": "cut-answers",
    "takes-what-has-come": "cut-answers",
    "drops-usage": "usage",
    "no-time-out": "time-out",
    "no-time-out-in-the-middle": "time-out",
    "secrets": "secrets",
    "secret-in-capitals": "secrets",
    "secret-in-percents": "secrets",
    "secret-elsewhere": "secrets",
    "secret-in-a-header": "secrets",
    "secret-in-the-address": "secrets",
    "secret-encoded": "secrets",
    "multiplies": "restart",
}


@pytest.fixture(scope="module")
def url():
    with running("--port", "0") as found:
        yield found


@pytest.fixture
def openai(url):
    client = FakeOpenAI(url)
    client.reset()
    yield client
    client.close()


def judged(openai, folder, *argv, only=()):
    client = CommandClient([sys.executable, *map(str, argv)], openai.base_url, folder, SECRETS)
    return {verdict.name: verdict for verdict in Judge(client, openai, PATIENCE, REST).verdicts(only)}


def test_a_good_client_is_green(openai, tmp_path):
    found = judged(openai, tmp_path, PLANTED, "-")
    assert {name: verdict.state for name, verdict in found.items()} == dict.fromkeys(CHECKS, "holds")


def test_a_good_client_may_ask_the_same_several_times_at_once(openai, tmp_path):
    found = judged(openai, tmp_path, PLANTED, "asks-twice-at-once")
    assert {name: verdict.state for name, verdict in found.items()} == dict.fromkeys(CHECKS, "holds"), found


@pytest.mark.in_turn
@pytest.mark.parametrize(("sin", "check"), SINS.items())
def test_each_sin_turns_exactly_its_check_red(openai, tmp_path, sin, check):
    found = judged(openai, tmp_path, PLANTED, sin)
    states = {name: verdict.state for name, verdict in found.items()}
    assert states == {**dict.fromkeys(CHECKS, "holds"), check: "violated"}, found


def test_every_check_has_a_sinner():
    assert set(SINS.values()) == set(CHECKS)


def test_what_asks_nothing_cannot_be_judged(openai, tmp_path):
    with pytest.raises(NotJudgedError, match="asked the provider nothing"):
        judged(openai, tmp_path, "-c", "print('hello')")


def test_what_takes_a_good_answer_for_none_cannot_be_judged(openai, tmp_path):
    program = tmp_path / "sour.py"
    program.write_text(
        f"import runpy, sys; runpy.run_path({str(PLANTED)!r}, run_name='__main__'); sys.exit(1)"
    )
    with pytest.raises(NotJudgedError, match="took a good answer for none"):
        judged(openai, tmp_path, program, "-")


def test_one_that_gives_up_on_everything_is_unknown_where_it_shows_nothing(openai, tmp_path):
    program = tmp_path / "once.py"
    program.write_text(PLANTED.read_text().replace("ATTEMPTS = 4", "ATTEMPTS = 1"))
    found = judged(openai, tmp_path, program, "-", only=("retry-after",))
    assert found["retry-after"].state == "unknown"


def test_a_client_at_an_address_is_judged_too_but_for_its_restart(openai, tmp_path):
    from harness.nodes.ports import ReservedPort

    with ReservedPort() as port:
        environment = {**SECRETS, "OPENAI_BASE_URL": openai.base_url, "JUDGE_STATE": str(tmp_path)}
        process = subprocess.Popen(
            [sys.executable, PLANTED, "drops-usage", "serve", str(port.number)], env=environment
        )
        try:
            client = AddressClient(f"http://127.0.0.1:{port.number}/", secrets=tuple(SECRETS.values()))
            assert client._comes_back()
            found = list(Judge(client, openai, PATIENCE, REST).verdicts(("usage", "secrets", "restart")))
        finally:
            process.kill()
            process.wait()
    assert [(each.name, each.state) for each in found] == [
        ("usage", "violated"),
        ("secrets", "holds"),
        ("restart", "unknown"),
    ]
