"""What the stage does to an application before a promise hurts it."""

from types import SimpleNamespace
from typing import Any

import pytest

from harness.base.wait import WaitTimeoutError
from harness.experiments.trial import stage as staged
from harness.experiments.trial.stage import NotPlayedError, Stage

BEAT = "clock"


class Clock:
    """A beat, and the work that it has sent: as many pieces as are left when it stands still."""

    def __init__(self, left: int) -> None:
        self.frozen, self.left, self.alive = False, left, True

    def pause(self) -> None:
        self.frozen = True

    def resume(self) -> None:
        self.frozen = False

    def under_way(self) -> int:
        if self.frozen and self.left:
            self.left -= 1
        return self.left


@pytest.fixture
def stage_with():
    def made(clock: Clock) -> Stage:
        stack: Any = SimpleNamespace(
            node={BEAT: clock}.get,
            busy=dict,
            redis=SimpleNamespace(hlen=lambda key: clock.under_way()),
        )
        stage = Stage.__new__(Stage)
        stage.stack = stack
        return stage

    return made


def test_while_it_is_quiet_nothing_is_sent_and_what_was_sent_has_ended(stage_with):
    clock = Clock(left=3)
    with stage_with(clock).quiet([BEAT]):
        assert (clock.frozen, clock.left) == (True, 0)
    assert not clock.frozen


def test_where_work_goes_on_it_cannot_be_quiet(stage_with, monkeypatch):
    def never(probe, **_):
        assert not probe()
        raise WaitTimeoutError("it", 0.0)

    monkeypatch.setattr(staged, "eventually", never)
    clock = Clock(left=1_000_000)
    with pytest.raises(NotPlayedError, match="under way all the time"), stage_with(clock).quiet([BEAT]):
        pass
    assert not clock.frozen
