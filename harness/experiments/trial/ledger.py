"""Accepted work and its outcome: the ledger of an application that is known only by its declaration."""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from redis import Redis

from harness.application import Work
from harness.evidence.checks.finding import Finding
from harness.experiments.trial.row import judged

TAKEN = "has a message that a worker took and never acknowledged: only the visibility time-out moves it"
UNACKED = "unacked"  # kombu.transport.redis.Channel.unacked_key


@dataclass(frozen=True, slots=True)
class Message:
    """A message that is still with the broker.

    Args:
        task: its id.
        arguments: of the task; where its body is not JSON, all that its headers show of them.
        where: it is, in words.
        name: of the task.
    """

    task: str
    arguments: frozenset[str]
    where: str
    name: str = ""

    @classmethod
    def waiting(cls, redis: "Redis", queue: str) -> list[tuple[Self, bytes | str]]:
        """The messages in a queue, each parsed and in its raw form.

        Args:
            redis: of the broker.
            queue: its name.
        """
        where = f"waits in the queue {queue}"
        return [(cls._of(json.loads(raw), where), raw) for raw in redis.lrange(queue, 0, -1)]

    @classmethod
    def read(cls, redis: "Redis", queues: Sequence[str]) -> list[Self]:
        """Read all messages.

        Args:
            redis: of the broker.
            queues: of the application.
        """
        found = [message for queue in queues for message, _raw in cls.waiting(redis, queue)]
        taken = [json.loads(raw)[0] for raw in redis.hvals(UNACKED)]
        return found + [cls._of(message, TAKEN) for message in taken]

    @classmethod
    def _of(cls, message: dict[str, Any], where: str) -> Self:
        headers = message.get("headers", {})
        return cls(
            str(headers.get("id", "")), _arguments(message, headers), where, str(headers.get("task", ""))
        )

    def holds(self, accepted: str) -> bool:
        """Whether it is about this piece of work.

        Args:
            accepted: its id.
        """
        return accepted in self.arguments or self.task == accepted

    def may_be_of(self, work: Work, accepted: str) -> bool:
        """Whether it may be about this piece of work, as far as the declaration describes such a message.

        Args:
            work: of this kind.
            accepted: its id.
        """
        if work.argument:
            return self.holds(accepted)
        return work.task in {"", self.name}


def _arguments(message: dict[str, Any], headers: dict[str, Any]) -> frozenset[str]:
    """Of the second version of Celery's protocol: the body is `[args, kwargs, embed]`."""
    body = str(message.get("body", ""))
    if message.get("properties", {}).get("body_encoding") == "base64":
        body = base64.b64decode(body).decode(errors="replace")
    try:
        args, kwargs, _embedded = json.loads(body)
        return frozenset(map(str, [*args, *kwargs.values()]))
    except (ValueError, TypeError, AttributeError):
        shown = f"{headers.get('argsrepr', '')} {headers.get('kwargsrepr', '')}"
        return frozenset(re.findall(r"[\w-]+", shown))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One piece of work.

    Args:
        id: that it was accepted under.
        state: it has; None where it is not there.
        starts: of tasks for it.
        successes: likewise.
        failures: likewise, for good.
        effects: how often it had its effect; None where no effect is declared.
        where: the place of its message; empty where there is none.
    """

    id: str
    state: str | None
    starts: int = 0
    successes: int = 0
    failures: int = 0
    effects: int | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """All accepted work of one kind.

    Args:
        work: of this kind.
        entries: a row for each.
    """

    work: Work
    entries: Sequence[Entry]

    @property
    def open(self) -> list[Entry]:
        """The unfinished work."""
        return [entry for entry in self.entries if entry.state not in self.work.ends]

    def nothing_lost(self, seconds: float) -> Finding:
        """Whether all has ended.

        Args:
            seconds: that it was waited for.
        """
        if not self.entries:
            return Finding.unknown("nothing was accepted")
        return judged(
            [self._lost(entry, seconds) for entry in self.open],
            f"all of {len(self.entries)} ended: {self._ends()}",
        )

    def _ends(self) -> str:
        states = [entry.state or "gone" for entry in self.entries]
        return ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))

    def _lost(self, entry: Entry, seconds: float) -> str:
        named = f"{self.work.name} {entry.id}"
        if entry.state is None:
            return f"lost: {named} was accepted and is not there"
        stands = f"{named} is still {entry.state} after {seconds:.0f} s"
        failed = f", its task failed {entry.failures} times" if entry.failures else ""
        if entry.where:
            return f"stuck: {stands}{failed}; it {entry.where}"
        return f"lost: {stands}{failed}, and no message of it is left"

    def nothing_doubled(self) -> Finding:
        """Whether nothing was done twice."""
        if not self.entries:
            return Finding.unknown("nothing was accepted")
        known = [entry for entry in self.entries if entry.effects is not None]
        doubled = [
            f"doubled: {self.work.name} {entry.id} did {entry.effects} times what it does once"
            for entry in known
            if (entry.effects or 0) > 1
        ]
        if doubled or len(known) == len(self.entries):
            return judged(doubled, f"{len(self.entries)} accepted, each done once")
        if not self.work.argument:
            return Finding.unknown(
                f"which task does a {self.work.name}? app.work({self.work.name!r}, task=..., by='args[0]') would decide it"
            )
        again = [entry for entry in self.entries if entry.successes > 1]
        if again:
            return Finding.unknown(
                f"the task of {self.work.name} {again[0].id} succeeded {again[0].successes} times; whether it did its work again, "
                f"app.work({self.work.name!r}, effect=calls(...) or SQL) would decide"
            )
        return judged([], f"{len(self.entries)} accepted, the task of each succeeded once")
