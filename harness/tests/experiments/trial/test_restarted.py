"""Redis is restarted while nothing is under way, though a beat sends tasks all the time."""

import contextlib
from types import SimpleNamespace

import pytest

from harness.application import App, log
from harness.evidence.checks.finding import Outcome
from harness.experiments.trial.promises.restarted import play
from harness.experiments.trial.stage import NotPlayedError

WAITS = 10


class Node:
    """A role's process."""

    def __init__(self) -> None:
        self.frozen, self.alive, self.returncode = False, True, None

    def pause(self) -> None:
        self.frozen = True

    def resume(self) -> None:
        self.frozen = False


class Stage:
    """A worker and a beat; what the beat has sent ends piece by piece once it stands still."""

    def __init__(self, left: int, *, comes_back: bool = True) -> None:
        self.app = App("small")
        self.app.role("clock", "celery -A config beat", ready=log("beat: Starting"), single=True)
        self.app.role("worker", "celery -A config worker", queues=["celery"])
        self.nodes = {name: Node() for name in self.app.roles}
        self.stack = SimpleNamespace(node=self.nodes.__getitem__)
        self.work = SimpleNamespace(name="payout")
        self.faults = SimpleNamespace(inject=self.inject)
        self.left, self.back, self.restarts = left, comes_back, []

    @property
    def under_way(self) -> bool:
        if self.nodes["clock"].frozen:
            self.left = max(0, self.left - 1)
        return self.left > 0

    def wait(self, probe, within):
        return any(probe() for _ in range(WAITS))

    def fault(self, kind, server):
        return kind, server

    @contextlib.contextmanager
    def inject(self, fault):
        self.restarts.append((*fault, self.nodes["clock"].frozen, self.left))
        yield

    def comes_back(self):
        assert not self.nodes["clock"].frozen
        return self.back


def test_the_beat_stands_still_and_what_it_sent_has_ended_and_then_it_goes_on():
    stage = Stage(left=3)
    assert play(stage).outcome is Outcome.HOLDS
    assert stage.restarts == [("Restarted", "redis", True, 0)]


def test_where_work_goes_on_nothing_is_restarted_or_judged():
    stage = Stage(left=2 * WAITS)
    with pytest.raises(NotPlayedError, match="under way all the time"):
        play(stage)
    assert stage.restarts == []
    assert not stage.nodes["clock"].frozen


def test_a_worker_that_does_not_come_back_or_has_ended_is_a_violation():
    assert play(Stage(left=0, comes_back=False)).outcome is Outcome.VIOLATED
    stage = Stage(left=0)
    stage.nodes["worker"].alive, stage.nodes["worker"].returncode = False, 1
    found = play(stage)
    assert (found.outcome, "exit code 1" in " ".join(found.facts)) == (Outcome.VIOLATED, True)
