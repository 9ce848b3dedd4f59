"""A client for applications without one of their own: it makes calls, and writes each into the journal."""

import re
import secrets
import time
from collections.abc import Mapping
from typing import Any, Protocol, Self

import httpx

from harness.application import App, DeclarationError, Post, Work
from harness.base.http import http_client
from harness.base.wait import eventually

TIMEOUT_SECONDS = 15.0
ENDS_SECONDS = 60.0
NONCE = "nonce"
FILLED = re.compile(r"\{([A-Za-z_]\w*(?::[\w-]+)?)\}")


class Records(Protocol):
    """The part of a journal that a client needs."""

    def record(self, kind: str, **fields: Any) -> None:
        """Write down what happened just now."""


class HttpClient:
    """Makes calls, and asks for work.

    Args:
        base_url: of the role that is asked.
        journal: gets a `call` for each request: who, method, path, status or error, milliseconds, and the id of what was
            accepted.
        works: that can be asked for.
        known: values for `{NAME}` in requests, in addition to the nonce.
    """

    def __init__(
        self,
        base_url: str,
        journal: Records,
        works: tuple[Work, ...] = (),
        known: Mapping[str, str] | None = None,
    ) -> None:
        self.base_url = base_url
        self.name = ""
        self._journal = journal
        self._works = {work.name: work for work in works}
        self._known = known or {}
        self._http = http_client(base_url, TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Make a call and return any answer.

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
            AssertionError: it was not accepted; shows the answer.
            httpx.TransportError: there was no answer.
        """
        post = accepted_by(self._wanted(work))
        response = self.post_work(work)
        assert post.accepts(response.status_code), (
            f"POST {post.path} answered {response.status_code} instead of {post.status or 'a success'}: {response.text}"
        )
        return id_in(response, post)

    def post_work(self, work: str = "") -> httpx.Response:
        """Ask for work, whatever it is answered; see `ask`."""
        wanted = self._wanted(work)
        post = accepted_by(wanted)
        known = {**self._known, NONCE: secrets.token_hex(8)}
        return self._call("POST", _with(known, post.path), wanted, filled(post, known), known[NONCE])

    def post(self, post: Post, known: Mapping[str, str]) -> str:
        """Post something that is no work, and answer its id.

        Args:
            post: as it is declared.
            known: see HttpClient.

        Raises:
            AssertionError: it was not accepted; shows the answer.
        """
        known = {**known, NONCE: secrets.token_hex(8)}
        response = self._call("POST", path := _with(known, post.path), None, filled(post, known))
        assert post.accepts(response.status_code), (
            f"POST {path} answered {response.status_code}: {response.text}"
        )
        return id_in(response, post)

    @property
    def accepted_status(self) -> int | None:
        """Of an acceptance of the first kind of work; None where any success is one."""
        return accepted_by(self._wanted("")).status

    def _wanted(self, work: str) -> Work:
        return self._works[work] if work else next(iter(self._works.values()))

    def _call(
        self, method: str, path: str, wanted: Work | None, options: dict[str, Any], nonce: str = ""
    ) -> httpx.Response:
        began = time.monotonic()
        call: dict[str, Any] = {"method": method, "path": path, "by": self.name}
        call |= {NONCE: nonce, "work": wanted.name} if wanted is not None else {}
        try:
            response = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            call |= {"error": type(error).__name__, "milliseconds": _milliseconds(began)}
            self._journal.record("call", **call, outcome="unknown")
            raise
        call["status"] = response.status_code
        if wanted is not None and wanted.accepted and wanted.accepted.accepts(response.status_code):
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


def filled(post: Post, known: Mapping[str, str]) -> dict[str, Any]:
    """Body and headers of one request.

    Args:
        post: as it is declared.
        known: what stands for `{NAME}` in it; braces of any other name are meant as they are.
    """
    return {"json": _with(known, post.json), "headers": _with(known, dict(post.headers))}


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
            found = found[int(name)] if isinstance(found, list) else found[name]
    except (KeyError, TypeError, IndexError, ValueError):
        raise AssertionError(f"{post.id} is not in the answer to POST {post.path}: {response.text}") from None
    return str(found)


def new_client(app: App, base_url: str, journal: Records, known: Mapping[str, str] | None = None) -> Any:
    """A new client: the application's own, or one that asks for its work as it is declared.

    Args:
        app: whose deployment is used.
        base_url: of it.
        journal: that calls are written into.
        known: see HttpClient.
    """
    if app.client is not None:
        return app.client(base_url, journal)
    return HttpClient(base_url, journal, app.works, known)


def use(running: Any) -> None:
    """Have one piece of work done to its end, by a new client.

    Args:
        running: a stack, see harness.stack.stack.
    """
    app: App = running.app
    if app.use is not None:
        app.use(running)
        return
    work = app.works[0]
    with running.client() as client:
        accepted = client.ask()
    eventually(
        lambda: running.state(work, accepted) in work.ends,
        timeout=ENDS_SECONDS,
        what=f"the end of {work.name} {accepted}",
    )


def _with(known: Mapping[str, str], value: Any) -> Any:
    match value:
        case str():
            return FILLED.sub(lambda found: known.get(found[1], found[0]), value)
        case dict():
            return {name: _with(known, inner) for name, inner in value.items()}
        case list():
            return [_with(known, inner) for inner in value]
    return value


def _milliseconds(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
