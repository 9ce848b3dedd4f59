"""A declared server as a process: what keeps it from answering is told, and what it was is found again."""

import sys

import pytest

from harness.application import DeclarationError, Server
from harness.base.wait import WaitTimeoutError
from harness.nodes.ports import ReservedPort
from harness.substrates import server_process
from harness.substrates.server_process import ServerProcess

SLEEPS = "import time; print('asleep', flush=True); time.sleep(60)"


def process(run, **declared):
    with ReservedPort() as port:
        return ServerProcess(Server(name="shelf", **declared), str(port.number), run, "/usr/bin:/bin")


@pytest.mark.parametrize(
    ("program", "why", "shown"),
    [
        ("raise SystemExit('no shelf here')", "it has ended", "no shelf here"),
        (SLEEPS, "not within", "asleep"),
    ],
)
def test_one_that_does_not_answer_is_told_with_its_log(run, supervisor, monkeypatch, program, why, shown):
    monkeypatch.setattr(server_process, "START_SECONDS", 1.0)
    with pytest.raises(WaitTimeoutError, match=f"the first answer of shelf: {why}") as told:
        process(run, argv=(sys.executable, "-c", program)).start(supervisor)
    assert shown in str(told.value)


def test_why_its_own_question_fails_is_told(run, supervisor, monkeypatch):
    monkeypatch.setattr(server_process, "START_SECONDS", 1.0)
    argv = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "{port}")

    def never(url: str) -> bool:
        raise RuntimeError(f"{url} has no shelf")

    with pytest.raises(WaitTimeoutError, match=r"RuntimeError: 127\.0\.0\.1:\d+ has no shelf"):
        process(run, argv=argv, answers=never).start(supervisor)


def test_one_that_is_a_container_alone_is_told_before_anything_starts(run):
    with pytest.raises(DeclarationError, match="shelf is a container alone"):
        process(run, image="shelf:3", port=7000)


def test_what_a_template_does_not_know_is_told(run):
    with pytest.raises(DeclarationError, match=r"\{shelves\} stands for nothing here"):
        process(run, argv=("shelf", "{shelves}"))
