"""Roles are looked at for the first time when all of their processes are there."""

import pytest

from harness.base import pace
from harness.nodes.member import Use
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
    monkeypatch.setenv(pace.VARIABLE, "1")
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
    assert role.asked > 2


def test_who_has_stood_still_since_its_start_is_not_waited_for_again():
    role = Role(Use(100, 1, 5.0))
    stand_still([role])
    stand_still([role])
    assert role.asked == 2


def test_who_is_down_is_not_asked():
    down = Role(Use(1, 1, 1.0), alive=False)
    stand_still([down])
    assert not down.asked
