"""The words of a small declaration: what proves that a role is ready, how to ask for work, which calls work makes."""

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
    """A role is ready when it has written a line that matches.

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
    """How to ask for work, or to set something up.

    Args:
        path: path on the role that is asked. `{NAME}` of a setup is filled in.
        json: the body; in its texts `{nonce}`, `{NAME}` of a setup and `{provider:NAME}` are filled in.
        status: status of an accepting answer; any success by default.
        id: where the id stands in the answer, as `$.name.name`.
        headers: filled in as the body is.
    """
    return Post(path=path, json=json, status=status, id=id, headers=dict(headers or {}))


def calls(provider: str, *, body: str = "{id}") -> Calls:
    """The effect of work: calls of a scripted provider.

    Args:
        provider: its name.
        body: text in the body of a call that shows to which piece of work it belongs; `{nonce}` and `{id}` are filled in.
    """
    return Calls(provider=provider, body=body)


def result() -> Result:
    """The state of work is the state of its task in Celery's result backend, such as `SUCCESS`."""
    return Result()
