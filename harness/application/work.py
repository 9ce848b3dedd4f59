"""What is asked of an application, and how one sees that it is done."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A task of the application that writes down what it was given, as proof that a queue is consumed.

    Args:
        task: its name; it is called with the keyword arguments `nonce` and `queue`.
        back: SQL for those that came back: `$1` is the array of nonces, the one column is the nonce.
    """

    task: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """How one asks for work.

    Args:
        path: that it is posted to.
        json: the body; `{nonce}` in its texts is filled in.
        headers: likewise.
        status: of an acceptance.
        id: where the id stands in the answer, as `$.name.name`.
    """

    path: str
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 202
    id: str = "$.id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of thing that is asked for, accepted under an id, done by tasks, and ended: what the ledger counts.

    Args:
        name: of one of it.
        id: what the journal calls its id.
        at: the role that is asked for it.
        accepted: how it is asked for; None where only the application's own client can.
        task: name of the task that does it.
        argument: the task's keyword argument that holds the id; `args[0]` for its first positional one.
        state: SQL for the status of one: `$1` is its id, as text.
        ends: statuses that it ends with.
        done: those of them with what was asked for; all by default.
        open: SQL that counts what has not ended; what is under way with it, such as events, may count too.
        ended: SQL that counts what has.
    """

    name: str
    id: str
    at: str
    accepted: Post | None = None
    task: str = ""
    argument: str = ""
    state: str = ""
    ends: frozenset[str] = frozenset()
    done: frozenset[str] = frozenset()
    open: str
    ended: str

    @property
    def by_position(self) -> bool:
        """Whether its task is told the id by position."""
        return self.argument == "args[0]"

    @property
    def in_task(self) -> "re.Pattern[str] | None":
        """Finds the id in a task's arguments, as Celery's events show them."""
        if not self.argument:
            return None
        if self.by_position:
            return re.compile(r"^[(\[]['\"]?([\w-]+)")
        return re.compile(rf"'{re.escape(self.argument)}': '?([\w-]+)")
