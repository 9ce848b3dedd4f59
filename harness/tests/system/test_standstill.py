"""Roles are looked at for the first time when all of their processes are there."""

from unittest.mock import MagicMock

import pytest

from harness.base import pace
from harness.nodes.member import Use
from harness.system import system
from harness.system.standstill import stand_still


class Role:
    """One that tells its use in turn, the last one for ever."""

    def __init__(self, *uses, alive=True):
        self.uses, self.alive, self.asked, self.new = list(uses), alive, 0, True

    def use(self):
        self.asked += 1
        return self.uses.pop(0) if len(self.uses) > 1 else self.uses[0]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(pace, "slowness", lambda: 1.0)
    monkeypatch.setattr("harness.system.standstill.LOOK_SECONDS", 0.01)


def test_what_rests_is_looked_at_twice():
    role = Role(Use(100, 1, 5.0))
    stand_still([role])
    assert role.asked == 2


def test_who_still_opens_files_is_waited_for():
    role = Role(*(Use(100 + more, 1, 5.0) for more in range(5)))
    stand_still([role])
    assert role.asked == 6


def test_who_still_imports_is_waited_for_though_it_opens_nothing():
    role = Role(*(Use(100, 1, 5.0 + more) for more in range(5)))
    stand_still([role])
    assert role.asked == 6


def test_one_that_never_rests_is_given_up(monkeypatch):
    monkeypatch.setattr("harness.system.standstill.LONGEST_SECONDS", 0.05)
    role = Role(*(Use(100 + more, 1, 5.0) for more in range(10_000)))
    stand_still([role])
    assert len(role.uses) > 1  # it did not come to rest
    assert not role.new  # and is not waited for a second time


def test_who_has_stood_still_since_its_start_is_not_waited_for_again():
    role = Role(Use(100, 1, 5.0))
    stand_still([role])
    stand_still([role])
    assert role.asked == 2


def test_who_is_down_is_not_asked():
    down = Role(Use(1, 1, 1.0), alive=False)
    stand_still([down])
    assert not down.asked


@pytest.mark.parametrize(("slow", "waited_for"), [(1.0, 0), (3.0, 1)], ids=["fast enough", "slow"])
def test_a_scenario_waits_for_them_before_its_first_sample_where_the_machine_is_slow(
    monkeypatch, slow, waited_for
):
    monkeypatch.setattr(pace, "slowness", lambda: slow)
    done = []
    for name in ("stand_still", "sample"):
        monkeypatch.setattr(system, name, lambda _of, name=name: done.append(name) or {})
    monkeypatch.setattr(system, "Recorder", MagicMock())
    monkeypatch.setattr(system.System, "stack", MagicMock())
    running = MagicMock(inspectable=True)
    monkeypatch.setattr(system.Judges, "of", MagicMock())
    system.System(running, print).begin()
    assert done == ["stand_still"] * waited_for + ["sample"]
