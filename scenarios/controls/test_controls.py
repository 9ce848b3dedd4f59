"""Each control switches off one safety of the product, and the check for that safety must fail.

Each story is played twice, with the safety and without: if the checks hold with it, the story itself breaks nothing.
"""

import contextlib
from dataclasses import dataclass

import pytest

from harness import Flushed, Frozen, Killed, KillMethod, WaitTimeoutError, eventually
from scenarios.controls.safeties import ACKNOWLEDGED_EARLY, NO_FENCE, NO_ON_CONFLICT, NO_SWEEPER
from scenarios.material import curriculum
from scenarios.probes import locks
from scenarios.roadmaps.services import CONTENT, LOGS
from scenarios.settings import QUICK

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.needs("hurt", "pids")]
PATIENCE_SECONDS = 8.0  # without the safety, the stack may never become idle; with it, half of this is enough
SOUND_SECONDS = 60.0


@dataclass(frozen=True)
class Control:
    """One way to play a story.

    Args:
        check: that must be violated; '' if all must hold.
    """

    check: str = ""

    def decide(self, system) -> None:
        """Judge the story's evidence by its check, even if the stack never becomes idle."""
        with contextlib.suppress(WaitTimeoutError):
            patience = PATIENCE_SECONDS if self.check else SOUND_SECONDS
            eventually(lambda: not system.stack.busy(), timeout=patience, what="an idle stack", poll=0.2)
        if self.check:
            system.expect_violated(self.check)
            system.show("control", system.judge()[self.check].facts)


def without(safety):
    """A stack without a safety; its roles are spawned, because a forked role has already read its PYTHONPATH."""
    return pytest.mark.stack(env={**QUICK, **safety.environment}, spawned=True)


def with_and_without(safety, check: str):
    """Parameters: a story on a sound product, and on one without the safety."""
    return pytest.mark.parametrize(
        "control",
        [
            pytest.param(Control(), id="sound", marks=pytest.mark.stack(env=QUICK)),
            pytest.param(Control(check), id=check, marks=without(safety)),
        ],
    )


@pytest.mark.in_turn
@with_and_without(NO_SWEEPER, "nothing_lost")
def test_without_a_sweeper_what_redis_forgets_is_lost(system, control):
    """Redis forgets what waits in it: only the sweeper sends it again."""
    system.node(CONTENT).pause()
    user = system.api.sign_up()
    # One of the three may go to a worker that asked before it was frozen; the sweeper adds further ones.
    for topic in ("Rust", "Go", "Zig"):
        user.create_roadmap(topic)
    eventually(lambda: system.stack.redis.llen("content") >= 2, timeout=10, what="the messages")
    with system.faults.inject(Flushed()):
        system.node(CONTENT).resume()
    control.decide(system)


@pytest.mark.in_turn
@with_and_without(NO_FENCE, "fences_monotone")
def test_without_a_fence_a_worker_that_was_given_up_still_writes(system, control):
    """A worker wakes up whose roadmap another one works on: only the fence keeps it from ending it."""
    system.openai.on(step="intent").answer(times=1, latency=2).answer(times=1, latency=4)
    system.openai.on(step="curriculum").reply(curriculum("a"))  # the first roadmap ends before the second
    # made here, because this looks at every process, and the worker must be frozen in time
    assert system.faults
    system.api.sign_up().create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")
    with system.faults.inject(Frozen(CONTENT)):
        system.deploy(CONTENT, name=f"{CONTENT}-2")
        system.openai.wait_for(2, step="intent")
    control.decide(system)


def stored_twice(system):
    """Let the logs worker get every event that must not be lost repeatedly, and at the end all of them at once."""
    system.node(LOGS).pause()
    system.api.sign_up().create_roadmap("Rust").wait_until_ended()
    eventually(lambda: system.stack.redis.llen("logs") >= 8, timeout=10, what="events that came again")
    system.node(LOGS).resume()


@pytest.mark.in_turn
@with_and_without(NO_ON_CONFLICT, "no_unexpected_error")
def test_without_on_conflict_an_event_that_comes_again_is_an_error(system, control):
    """An event comes again: without ON CONFLICT its batch breaks off."""
    stored_twice(system)
    control.decide(system)


@without(NO_ON_CONFLICT)
def test_without_on_conflict_and_the_key_it_stands_on_an_event_is_doubled(system):
    """An event comes again: with neither ON CONFLICT nor the unique key that it stands on, it is there twice."""
    system.database.execute("ALTER TABLE execution_logs DROP CONSTRAINT pk_execution_logs")
    stored_twice(system)
    Control("nothing_doubled").decide(system)


@pytest.mark.in_turn
@with_and_without(ACKNOWLEDGED_EARLY, "events_stored")
def test_acknowledged_early_events_go_with_the_process_that_had_them(system, control):
    """A pool child is killed while it stores events: what it has not acknowledged comes again."""
    system.expect_errors_while_hurt("WorkerLostError", CONTENT, LOGS, most=3)
    system.openai.on(step="intent").answer(times=1, latency=5)
    system.api.sign_up().create_roadmap("Rust")
    eventually(
        lambda: system.database.value("SELECT count(*) FROM outbox") == 0, timeout=5, what="the first event"
    )
    with system.database.another() as holder:
        holder.execute("BEGIN; LOCK TABLE execution_logs IN SHARE MODE")
        eventually(lambda: locks(system, granted=False), timeout=10, what="a batch at its insert")
        with system.faults.inject(Killed(LOGS, KillMethod.CHILD)):
            holder.execute("ROLLBACK")
    control.decide(system)
