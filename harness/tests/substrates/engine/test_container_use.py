"""What a container uses is told whole, or it is said that it ended: a program in it that is cut off says half, or nothing."""

import signal
import threading
from types import SimpleNamespace

import pytest

from harness.nodes.member import Use
from harness.substrates.engine.container import Container, handles
from harness.substrates.engine.engine import EngineError


def container(monkeypatch, said):
    monkeypatch.setattr(Container, "_watch", lambda self: setattr(self, "_ended", threading.Event()))
    return Container(SimpleNamespace(name="role", exec_run=lambda _argv: (0, said)))


def test_what_is_told_whole_is_taken(monkeypatch):
    assert container(monkeypatch, b"12 3456 0.7\n").use() == Use(12, 3456, 0.7)


@pytest.mark.parametrize(
    ("blocked", "caught", "hears"),
    [("0", "4000", True), ("4000", "0", True), ("0", "0", False), ("0", "2", False), ("2", "8", False)],
    ids=["handled", "blocked", "neither", "another one handled", "others"],
)
def test_a_signal_is_heard_by_who_handles_or_has_blocked_it(blocked, caught, hears):
    status = f"Name:\tinit\nSigBlk:\t{blocked}\nSigIgn:\t4000\nSigCgt:\t{caught}\nCpus: 3"
    assert handles(status, signal.SIGTERM) is hears


@pytest.mark.parametrize("said", [b"", b"\n", b"12", b"12 3456", [], [b"12"]])
def test_who_ended_meanwhile_is_no_crash_of_the_harness(monkeypatch, said):
    with pytest.raises(EngineError, match="role ended while it was asked"):
        container(monkeypatch, said).use()
