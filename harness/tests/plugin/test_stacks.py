"""Who shares a stack, and who has one of their own: with stacks that only write down what is done to them."""

import pytest

from harness.plugin import stacks as module
from harness.plugin.stacks import Stacks
from harness.substrates.spec import StackSpec

USUAL = StackSpec()
FEW = StackSpec(env={"A": "few"}, shared=True)
OTHERS = StackSpec(env={"A": "others"}, shared=True)
OWN = StackSpec(env={"A": "own"})


class Recorded:
    """A stack in whose place there is only a record."""

    def __init__(self, spec, *_, **__) -> None:
        self.spec = spec
        self.done = []

    def start(self):
        self.done.append("start")

    def stop(self):
        self.done.append("stop")

    def reset(self):
        self.done.append("reset")

    def another(self):
        return None  # it has to be started


@pytest.fixture
def stacks(monkeypatch):
    monkeypatch.setattr(module, "Stack", Recorded)
    made = Stacks([USUAL], "tests")
    yield made
    made.close()


def use(stacks, spec):
    """One scenario."""
    stack = stacks.take(spec)
    stacks.give_back(stack, lambda _: None)
    return stack


@pytest.mark.parametrize("spec", [USUAL, FEW], ids=["usual", "few"])
def test_a_shared_stack_is_made_clean_for_the_next(stacks, spec):
    first = use(stacks, spec)
    assert use(stacks, spec) is first
    assert first.done == ["start", "reset", "reset"]


def test_a_stack_of_ones_own_is_ended(stacks):
    first = use(stacks, OWN)
    assert use(stacks, OWN) is not first
    assert first.done == ["start", "stop"]


def test_what_few_share_lives_until_others_share_another_and_the_usual_one_on(stacks):
    usual, few = use(stacks, USUAL), use(stacks, FEW)
    use(stacks, OWN)
    assert few.done == ["start", "reset"]
    others = use(stacks, OTHERS)
    assert few.done == ["start", "reset", "stop"]
    assert use(stacks, USUAL) is usual
    stacks.close()
    assert (usual.done[-1], others.done[-1], few.done.count("stop")) == ("stop", "stop", 1)


def test_a_shared_stack_that_cannot_be_made_clean_is_given_up(stacks):
    stack = stacks.take(FEW)

    def stuck():
        raise TimeoutError("something still moves")

    stack.reset = stuck
    with pytest.raises(TimeoutError):
        stacks.give_back(stack, lambda error: stack.done.append(str(error)))
    assert stack.done == ["start", "something still moves", "stop"]
    assert use(stacks, FEW) is not stack


def test_what_runs_elsewhere_and_could_not_be_made_clean_is_reached_anew_not_started(stacks):
    """A shared deployment on which something was left: whoever comes next runs on it too."""
    anew = Recorded(USUAL)
    live = Recorded(USUAL)
    live.another = lambda: anew
    live.reset = lambda: 1 / 0
    made = Stacks([USUAL], "tests", running=live)
    with pytest.raises(ZeroDivisionError):
        use(made, USUAL)
    assert made.take(USUAL) is anew
    assert anew.done == []
