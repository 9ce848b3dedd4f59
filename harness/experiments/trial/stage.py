"""The stage of a promise: a stack of the application, one kind of work, and the few actions that every promise uses."""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from harness.application import App, Calls, Work
from harness.application.schedule import Schedule
from harness.application.work import asks
from harness.base.wait import WaitTimeoutError, eventually
from harness.evidence.checks.finding import Finding
from harness.evidence.task_events import TaskEvents, TaskRecorder
from harness.experiments.trial.ledger import UNACKED, Entry, Ledger, Message
from harness.nodes.node import Node
from harness.stack.stack import Stack
from harness.system.faults import BY_HAND, FAULTS
from harness.system.faults.faults import Faults

ENDS_SECONDS = 30.0  # seconds within which undisturbed work ends
RECOVERY_SECONDS = 20.0  # seconds within which work must end after the heal: nobody waits for an hour
STARTS_SECONDS = 15.0
SETTLES_SECONDS = 5.0
BEGINS_SECONDS = 0.3
SPARE = "spare"


class NotPlayedError(Exception):
    """The promise could not be tried; says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to a client.

    Args:
        id: under which it was accepted; empty where it was not.
        nonce: of it.
        said: the application's answer, or the error without one.
        seconds: that it took.
    """

    id: str
    nonce: str
    said: str
    seconds: float


class Stage:
    """One stack and one kind of work.

    Args:
        stack: that runs.
        work: that is asked for.
    """

    def __init__(self, stack: Stack, work: Work) -> None:
        self.stack = stack
        self.work = work
        self.faults = Faults(stack, (*FAULTS, *BY_HAND))
        self._asked: dict[str, Asked] = {}

    @property
    def app(self) -> App:
        """Whose stack it is."""
        return self.stack.app

    @property
    def consumers(self) -> list[str]:
        """The roles that do work."""
        return [name for name, role in self.app.roles.items() if role.queues]

    @property
    def consumer(self) -> str:
        """The role that does this work; where nobody says which, the first one.

        Raises:
            NotPlayedError: no role consumes a queue.
        """
        if not self.consumers:
            raise NotPlayedError("no role consumes a queue: app.role(..., queues=[...])")
        return self.consumers[0]

    @property
    def under_way(self) -> bool:
        """Whether work is unfinished, or a worker holds a message."""
        return bool(self.stack.busy() or self.stack.redis.hlen(UNACKED))

    def fault(self, kind: str, *arguments: object) -> Any:
        """Make one of the known faults.

        Args:
            kind: its name.
            arguments: what it is made of.
        """
        (found,) = (each for each in self.faults.kinds if each.__name__ == kind)
        return found(*arguments)

    def begin(self) -> None:
        """Begin another promise."""
        self._asked.clear()
        self.stack.mark()

    def ask(self) -> Asked:
        """Ask for a piece of work, and remember it if it was accepted."""
        began = time.monotonic()
        with self.stack.client() as client:
            try:
                answer = client.post_work(self.work.name)
                said = f"{answer.status_code} {answer.text[:80]}"
            except (httpx.TransportError, AssertionError) as error:
                said = f"{type(error).__name__}: {error}".split("\n")[0]
        call = self.stack.journal.records("call")[-1]
        asked = Asked(str(call.get(self.work.id, "")), call.get("nonce", ""), said, time.monotonic() - began)
        if asked.id:
            self._asked[asked.id] = asked
        return asked

    def must_ask(self) -> Asked:
        """Ask for a piece of work that must be accepted.

        Raises:
            NotPlayedError: it was not accepted; shows the answer.
        """
        asked = self.ask()
        if not asked.id:
            raise NotPlayedError(f"{self.work.name} was not accepted: {asked.said}")
        return asked

    def state(self, accepted: str) -> str | None:
        """Its status."""
        return self.stack.state(self.work, accepted)

    def ended(self, accepted: str) -> bool:
        """Whether it has ended."""
        return self.state(accepted) in self.work.ends

    def tasks(self, accepted: str = "", kind: str = "") -> list[dict[str, object]]:
        """The events of tasks for one piece of work, or for all."""
        return [
            task
            for task in self.stack.scenario_journal("task")
            if (not accepted or task.get(self.work.id) == accepted) and (not kind or task["type"] == kind)
        ]

    def started(self, accepted: str) -> bool:
        """Whether a worker has begun it: by events, where the declaration says which task holds its id."""
        if self.tasks(accepted if self.work.argument else "", "task-started"):
            return True
        return self.ended(accepted)

    def in_flight(self, places: int = 1) -> list[Asked]:
        """Pieces of work that workers have begun.

        Args:
            places: how many.

        Raises:
            NotPlayedError: one was not begun, or had ended at once.
        """
        asked = [self.must_ask() for _ in range(places)]
        first = {one.id: self.state(one.id) for one in asked}
        try:
            eventually(
                lambda: all(self.started(one.id) for one in asked),
                timeout=STARTS_SECONDS,
                what="a task that has started",
                poll=0.01,
            )
        except WaitTimeoutError:
            raise NotPlayedError(
                f"no task of {self.work.name} {asked[0].id} was seen to start: does the worker run with -E, and do task= and by= "
                f"say which task holds the id? task={self.work.task!r}, by={self.work.argument!r}"
            ) from None
        began = time.monotonic()  # its first step changes its state, if it has such a state

        def at_it() -> bool:
            changed = all(self.state(one.id) != first[one.id] for one in asked)
            return changed or time.monotonic() - began > BEGINS_SECONDS

        self.wait(at_it, STARTS_SECONDS, poll=0.01)
        if all(self.ended(one.id) for one in asked):
            raise NotPlayedError(
                f"{self.work.name} {asked[0].id} had ended before anything could be done to it: work that takes half a second, "
                "by accepted=post(..., json=...), would tell"
            )
        return asked

    def all_end(self, within: float = RECOVERY_SECONDS) -> bool:
        """Whether all accepted work ends in time."""
        return self.wait(lambda: all(map(self.ended, self._asked)), within)

    def effects(self, asked: Asked) -> int | None:
        """How often it had its effect; None where no effect is declared."""
        effect = self.work.effect
        if isinstance(effect, Calls):
            text = effect.body.replace("{nonce}", asked.nonce).replace("{id}", asked.id)
            return self._calls(effect.provider, text)
        if effect:
            sql, arguments = asks(effect, asked.id)
            return int(self.stack.database.value(sql, *arguments) or 0)
        return None

    def done_by_the_clock(self, schedule: Schedule) -> int:
        """How often a task of the schedule has had its effect.

        Args:
            schedule: that says what that is.
        """
        effect = schedule.effect
        if isinstance(effect, Calls):
            return self._calls(effect.provider, effect.body)
        return int(self.stack.database.value(effect) or 0) if effect else 0

    def _calls(self, provider: str, text: str) -> int:
        found = self.stack.providers[provider].calls(contains=text)
        return len([call for call in found if 0 < call.status < 400])  # noqa: PLR2004

    def ledger(self) -> Ledger:
        """All accepted work and its outcome."""
        messages = Message.read(self.stack.redis, self.app.queues)
        entries = []
        for asked in self._asked.values():
            events = self.tasks(asked.id)
            entries.append(
                Entry(
                    id=asked.id,
                    state=self.state(asked.id),
                    starts=len([event for event in events if event["type"] == "task-started"]),
                    successes=len([event for event in events if event["type"] == "task-succeeded"]),
                    failures=len([event for event in events if event["type"] == "task-failed"]),
                    effects=self.effects(asked),
                    where=next(
                        (m.where for m in messages if m.holds(asked.id) or m.task in self._names(events)), ""
                    ),
                )
            )
        return Ledger(self.work, entries)

    @staticmethod
    def _names(events: Sequence[dict[str, object]]) -> set[str]:
        return {str(event["task"]) for event in events}

    def nothing_lost(self, within: float = RECOVERY_SECONDS) -> Finding:
        """Wait for all accepted work, and judge it."""
        began = time.monotonic()
        self.all_end(within)
        return self.ledger().nothing_lost(time.monotonic() - began)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Freeze the worker as long as the context lasts, with no message on its way to it. Else Redis would give the next message to the waiting worker, which cannot take it."""
        node = self.stack.node(self.consumer)
        node.pause()
        try:
            self.wait(lambda: node.frozen, SETTLES_SECONDS, poll=0.01)
            for client in self.stack.redis.client_list():
                if "b" in client["flags"]:  # waits in BRPOP
                    self.stack.redis.client_unblock(int(client["id"]))
            yield
        finally:
            if node.alive:
                node.resume()

    @contextlib.contextmanager
    def spare(self, role: str = "") -> Iterator[Node]:
        """One more worker, as long as the context lasts.

        Args:
            role: of which there is one more; that does this work by default.
        """
        role = role or self.consumer
        name = f"{role}-{SPARE}"
        node = self.stack.start_role(role, name, {})
        try:
            yield node
        finally:
            if node.alive:
                node.kill()

    def all_end_on_a_platform(self, within: float = RECOVERY_SECONDS) -> bool:
        """As `all_end`, and roles that end meanwhile are started again, as a platform does."""

        def probe() -> bool:
            for node in map(self.stack.node, self.app.roles):
                if not node.alive:
                    node.start()
            return all(map(self.ended, self._asked))

        return self.wait(probe, within)

    def make_clean(self) -> None:
        """Clean the stack: unfinished work is ended, and ended roles are started again.

        Raises:
            TimeoutError: a role does not become ready again.
        """
        stack = self.stack
        still = not all(node.alive for node in stack.roles.values() if not node.name.endswith(SPARE))
        if still or self.under_way:
            for name in self.app.roles:
                if (node := stack.node(name)).alive:
                    node.kill()
            stack.clear_servers()
            for name in self.app.roles:
                stack.node(name).start()
            stack.wait_until_ready([*self.app.roles])
        stack.clear()

    def message(self, asked: Asked) -> tuple[str, bytes | str]:
        """The message of a piece of work that no worker has taken: its queue, and itself. Messages of a schedule are ignored.

        Args:
            asked: for it.

        Raises:
            NotPlayedError: there is none.
        """

        def found() -> tuple[str, bytes | str] | None:
            for queue in self.app.queues:
                for message, raw in Message.waiting(self.stack.redis, queue):
                    if message.may_be_of(self.work, asked.id):
                        return queue, raw
            return None

        queues = ", ".join(self.app.queues)
        try:
            return eventually(
                found, timeout=STARTS_SECONDS, what=f"a message of {self.work.name} {asked.id} in {queues}"
            )
        except WaitTimeoutError as error:
            raise NotPlayedError(str(error).split("\n")[0]) from None

    def finished(self, asked: Asked) -> int:
        """How many tasks of a piece of work have ended, with success or not.

        Args:
            asked: its request; where its tasks are not declared, all tasks count.
        """
        tasks = self.tasks(asked.id if self.work.argument else "")
        return len([task for task in tasks if task["type"] in {"task-succeeded", "task-failed"}])

    def wait(self, probe: Callable[[], object], within: float, poll: float = 0.1) -> bool:
        """Whether something comes true in time."""
        with contextlib.suppress(WaitTimeoutError):
            eventually(probe, timeout=within, what="it", poll=poll)
            return True
        return False

    def settle(self) -> None:
        """Return once every begun task has ended, as far as events say, or after some time."""
        over = {"task-succeeded", "task-failed", "task-retried"}

        def quiet() -> bool:
            begun = Counter(str(task["task"]) for task in self.tasks(kind="task-started"))
            ended = Counter(str(task["task"]) for task in self.tasks() if task["type"] in over)
            return not begun - ended  # of a message that came twice, both

        self.wait(quiet, SETTLES_SECONDS)

    def comes_back(self, within: float = RECOVERY_SECONDS) -> bool:
        """Whether a new piece of work ends."""
        asked = self.ask()
        return bool(asked.id) and self.wait(lambda: self.ended(asked.id), within)


@contextlib.contextmanager
def listening(stack: Stack) -> Iterator[None]:
    """Write the events of tasks into the journal, as long as the context lasts."""
    events = TaskEvents(stack.broker_url, TaskRecorder(stack.journal, stack.app.works))
    events.start()
    try:
        yield
    finally:
        events.stop()
