"""What a container uses is told whole, or it is said that it ended: a program in it that is cut off says half, or nothing."""

import threading
from types import SimpleNamespace

import pytest

from harness.nodes.member import Use
from harness.substrates.engine.container import Container
from harness.substrates.engine.engine import EngineError


def container(monkeypatch, said):
    monkeypatch.setattr(Container, "_watch", lambda self: setattr(self, "_ended", threading.Event()))
    return Container(SimpleNamespace(name="role", exec_run=lambda _argv: (0, said)))


def test_what_is_told_whole_is_taken(monkeypatch):
    assert container(monkeypatch, b"12 3456 0.7\n").use() == Use(12, 3456, 0.7)


@pytest.mark.parametrize("said", [b"", b"\n", b"12", b"12 3456", [], [b"12"]])
def test_who_ended_meanwhile_is_no_crash_of_the_harness(monkeypatch, said):
    with pytest.raises(EngineError, match="role ended while it was asked"):
        container(monkeypatch, said).use()
