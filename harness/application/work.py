"""The work that an application is asked for, and how to see that it is done."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from harness.application.error import DeclarationError

TASK_ID = "task_id"  # instead of an argument: the id of the task is the id of the work
ID = re.compile(r"(?<![:\w]):id\b")  # in SQL; `::id` would be a type
POSITION = re.compile(r"args\[(\d+)\]")
KEYWORD = re.compile(r"(?:kwargs\[['\"]?)?([A-Za-z_]\w*)['\"]?\]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A task of the application that stores its arguments, as proof that a queue is consumed.

    Args:
        task: its name; it is called with the keyword arguments `nonce` and `queue`.
        back: SQL for the nonces that were stored: `$1` is the array of nonces that were sent; the one column is the nonce.
    """

    task: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """How to ask for work.

    Args:
        path: path of the request.
        json: the body; `{nonce}` in its texts is filled in.
        headers: likewise.
        status: status of an accepting answer; any success by default.
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
    """The effect of work: calls of a scripted provider.

    Args:
        provider: its name.
        body: text in the body of such a call; `{nonce}` and `{id}` of the work are filled in.
    """

    provider: str
    body: str = "{id}"


@dataclass(frozen=True, slots=True)
class Result:
    """The state of work is the state of its task in Celery's result backend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of work that is asked for, accepted under an id, done by tasks, and ended. The ledger counts it.

    Args:
        name: what one piece of it is called.
        id: name of its id in the journal; by default `name`.
        at: the role that is asked for it.
        accepted: how it is asked for; None where only the application's own client can ask.
        task: name of the task that does it.
        argument: the task's keyword argument that holds the id; `args[0]` for its first positional one, `task_id` where the id
            is that of the task itself.
        state: SQL for the status of one piece of work: `:id` is its id as a literal, of the type that the column needs; `$1` its
            id as text. Or `Result()`, for the state in the result backend.
        ends: statuses that it ends with.
        done: the statuses of success among them; all by default.
        effect: what each piece of work must do exactly once: calls of a provider, or SQL that counts it for the work `:id`.
        open: SQL that counts the unfinished work; things that belong to it, such as events, may count too. By default each
            accepted piece is looked at.
        ended: SQL that counts the ended work; the default is the same.
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
            match = re.match(r"[(\[]['\"]?([\w-]+)", args) if not number else None  # the text was cut off
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
    """The value that Celery has shown by repr(); None where the text was cut off."""
    try:
        return ast.literal_eval(shown)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
