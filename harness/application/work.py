"""What is asked of an application, and how one sees that it is done."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from harness.application.error import DeclarationError

TASK_ID = "task_id"  # in the place of an argument: the work is known by the id of its task
ID = re.compile(r"(?<![:\w]):id\b")  # in SQL; `::id` would be a type
POSITION = re.compile(r"args\[(\d+)\]")
KEYWORD = re.compile(r"(?:kwargs\[['\"]?)?([A-Za-z_]\w*)['\"]?\]?")


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
        status: of an acceptance; any success by default.
        id: where the id stands in the answer, as `$.name.name`.
    """

    path: str
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    id: str = "$.id"

    def __post_init__(self) -> None:
        if not self.path.startswith("/") or self.path.startswith("//"):
            raise DeclarationError(
                f"post({self.path!r}): a path begins with one slash; the address is that of the role that is asked"
            )

    def accepts(self, status: int) -> bool:
        """Whether an answer is an acceptance.

        Args:
            status: of it.
        """
        return (
            HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
            if self.status is None
            else status == self.status
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What work does to somebody else: calls of a scripted provider.

    Args:
        provider: its name.
        body: text in the body of such a call; `{nonce}` and `{id}` of the work are filled in.
    """

    provider: str
    body: str = "{id}"


@dataclass(frozen=True, slots=True)
class Result:
    """The state of work is what Celery's result backend has of its task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of thing that is asked for, accepted under an id, done by tasks, and ended: what the ledger counts.

    Args:
        name: of one of it.
        id: what the journal calls its id; the name by default.
        at: the role that is asked for it.
        accepted: how it is asked for; None where only the application's own client can.
        task: name of the task that does it.
        argument: the task's keyword argument that holds the id; `args[0]` for its first positional one, `task_id` where the id
            is that of the task itself.
        state: SQL for the status of one: `:id` is its id as a literal, of whatever type that has to be; `$1` its id as text. Or
            what the result backend has.
        ends: statuses that it ends with.
        done: those of them with what was asked for; all by default.
        effect: what it must do once: calls of a provider, or SQL that counts it for one, with `:id`.
        open: SQL that counts what has not ended; what is under way with it, such as events, may count too. By default what
            was accepted is looked at one by one.
        ended: SQL that counts what has; likewise.
    """

    name: str
    id: str = ""
    at: str
    accepted: Post | None = None
    task: str = ""
    argument: str = ""
    state: str | Result = ""
    ends: frozenset[str] = frozenset()
    done: frozenset[str] = frozenset()
    effect: Calls | str | None = None
    open: str = ""
    ended: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", self.name)

    def told(self, task: str, args: str, kwargs: str) -> str | None:
        """The id of the work that a task is for.

        Args:
            task: its id.
            args: its positional arguments, as Celery's events show them.
            kwargs: the others.
        """
        if self.argument == TASK_ID:
            return task
        if position := POSITION.fullmatch(self.argument):
            found = _read(args)
            number = int(position[1])
            if isinstance(found, list | tuple) and number < len(found):
                return str(found[number])
            match = re.match(r"[(\[]['\"]?([\w-]+)", args) if not number else None  # of what was cut off
            return match[1] if match else None
        if named := KEYWORD.fullmatch(self.argument):
            match = re.search(rf"'{re.escape(named[1])}': '?([\w-]+)", kwargs)
            return match[1] if match else None
        return None


def asks(sql: str, accepted: str) -> tuple[str, tuple[str, ...]]:
    """A declared statement about one piece of work, with its arguments.

    Args:
        sql: with `:id`, which becomes a literal, or `$1`.
        accepted: the id.
    """
    if ID.search(sql):
        literal = "'" + accepted.replace("'", "''").replace("\0", "") + "'"
        return ID.sub(lambda _: literal, sql), ()
    return sql, (accepted,)


def _read(shown: str) -> Any:
    """What Celery has shown by repr(); None for what was cut off."""
    try:
        return ast.literal_eval(shown)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
