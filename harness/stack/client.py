"""A client of an application that has none of its own: it makes calls, and each is written into the journal."""

import secrets
import time
from typing import Any, Protocol, Self

import httpx

from harness.application import App, DeclarationError, Post, Work
from harness.base.http import http_client
from harness.base.wait import eventually

TIMEOUT_SECONDS = 15.0
ENDS_SECONDS = 60.0
NONCE = "{nonce}"


class Records(Protocol):
    """As much of a journal as a client needs."""

    def record(self, kind: str, **fields: Any) -> None:
        """Write down what happened just now."""


class HttpClient:
    """Makes calls, and asks for work.

    Args:
        base_url: of the role that is asked.
        journal: gets a `call` for each request: who, method, path, status or error, milliseconds, and the id of what was
            accepted.
        works: that can be asked for.
    """

    def __init__(self, base_url: str, journal: Records, works: tuple[Work, ...] = ()) -> None:
        self.base_url = base_url
        self.name = ""
        self._journal = journal
        self._works = {work.name: work for work in works}
        self._http = http_client(base_url, TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Make a call, whatever it answers.

        Raises:
            httpx.TransportError: there was no answer; whether the call took effect is unknown, and recorded so.
        """
        return self._call(method, path, None, options)

    def ask(self, work: str = "") -> str:
        """Ask for work as the application declares it.

        Args:
            work: its name; the first kind by default.

        Returns:
            The id that it was accepted under.

        Raises:
            AssertionError: it was not accepted; shows how it was answered.
            httpx.TransportError: there was no answer.
        """
        post = accepted_by(self._wanted(work))
        response = self.post_work(work)
        assert response.status_code == post.status, (
            f"POST {post.path} answered {response.status_code} instead of {post.status}: {response.text}"
        )
        return id_in(response, post)

    def post_work(self, work: str = "") -> httpx.Response:
        """Ask for work, whatever it is answered; see `ask`."""
        wanted = self._wanted(work)
        post = accepted_by(wanted)
        return self._call("POST", post.path, wanted, filled(post))

    @property
    def accepted_status(self) -> int:
        """Of an acceptance of the first kind of work."""
        return accepted_by(self._wanted("")).status

    def _wanted(self, work: str) -> Work:
        return self._works[work] if work else next(iter(self._works.values()))

    def _call(self, method: str, path: str, wanted: Work | None, options: dict[str, Any]) -> httpx.Response:
        began = time.monotonic()
        call: dict[str, Any] = {"method": method, "path": path, "by": self.name}
        try:
            response = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            call |= {"error": type(error).__name__, "milliseconds": _milliseconds(began)}
            self._journal.record("call", **call, outcome="unknown")
            raise
        call["status"] = response.status_code
        if wanted is not None and wanted.accepted and response.status_code == wanted.accepted.status:
            call[wanted.id] = id_in(response, wanted.accepted)
        self._journal.record("call", **call, outcome="answered", milliseconds=_milliseconds(began))
        return response


def accepted_by(work: Work) -> Post:
    """How a kind of work is asked for.

    Raises:
        DeclarationError: the application does not say.
    """
    if work.accepted is None:
        raise DeclarationError(f"work {work.name!r} does not say how it is asked for: accepted=Post(...)")
    return work.accepted


def filled(post: Post) -> dict[str, Any]:
    """Body and headers of one request, each nonce filled in.

    Args:
        post: as it is declared.
    """
    nonce = secrets.token_hex(8)
    return {"json": _with(nonce, post.json), "headers": _with(nonce, dict(post.headers))}


def id_in(response: httpx.Response, post: Post) -> str:
    """The id in an answer.

    Args:
        response: an acceptance.
        post: that says where it stands.

    Raises:
        AssertionError: it is not there; shows the answer.
    """
    found = response.json()
    try:
        for name in post.id.removeprefix("$.").split("."):
            found = found[name]
    except (KeyError, TypeError, IndexError):
        raise AssertionError(f"{post.id} is not in the answer to POST {post.path}: {response.text}") from None
    return str(found)


def new_client(app: App, base_url: str, journal: Records) -> Any:
    """A new client: the application's own, or one that asks for its work as it is declared.

    Args:
        app: whose deployment is used.
        base_url: of it.
        journal: that calls are written into.
    """
    if app.client is not None:
        return app.client(base_url, journal)
    return HttpClient(base_url, journal, app.work)


def use(running: Any) -> None:
    """Have one piece of work done to its end, by a new client.

    Args:
        running: a stack, see harness.stack.stack.
    """
    app: App = running.app
    if app.use is not None:
        app.use(running)
        return
    work = app.work[0]
    with new_client(app, running.api_url, running.journal) as client:
        accepted = client.ask()
    eventually(
        lambda: running.database.value(work.state, accepted) in work.ends,
        timeout=ENDS_SECONDS,
        what=f"the end of {work.name} {accepted}",
    )


def _with(nonce: str, value: Any) -> Any:
    match value:
        case str():
            return value.replace(NONCE, nonce)
        case dict():
            return {name: _with(nonce, inner) for name, inner in value.items()}
        case list():
            return [_with(nonce, inner) for inner in value]
    return value


def _milliseconds(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
