"""The words of a small declaration: what proves a role ready, how one asks for work, what work does to somebody else."""

from collections.abc import Mapping
from typing import Any

from harness.application.ready import HttpReady, LogReady
from harness.application.work import Calls, Post, Result


def http(path: str) -> HttpReady:
    """A role is ready when this path answers with a success.

    Args:
        path: with its query.
    """
    return HttpReady(path)


def log(pattern: str) -> LogReady:
    """A role is ready when it has written a line in which this stands.

    Args:
        pattern: a regular expression.
    """
    return LogReady(pattern)


def post(
    path: str,
    *,
    json: Any = None,
    status: int | None = None,
    id: str = "$.id",  # noqa: A002 - the word that a declaration has for it
    headers: Mapping[str, str] | None = None,
) -> Post:
    """How one asks for work, or sets something up.

    Args:
        path: that it is posted to, from the address of the role that is asked. `{NAME}` of a setup is filled in.
        json: the body; in its texts `{nonce}`, `{NAME}` of a setup and `{provider:NAME}` are filled in.
        status: of an acceptance; any success by default.
        id: where the id stands in the answer, as `$.name.name`.
        headers: filled in as the body is.
    """
    return Post(path=path, json=json, status=status, id=id, headers=dict(headers or {}))


def calls(provider: str, *, body: str = "{id}") -> Calls:
    """What work does to somebody else: calls of a scripted provider.

    Args:
        provider: its name.
        body: text in the body of such a call, by which it belongs to one piece of work: `{nonce}` and `{id}` are filled in.
    """
    return Calls(provider=provider, body=body)


def result() -> Result:
    """The state of work is what Celery's result backend has of its task, as `SUCCESS`."""
    return Result()
