"""A client of the API. Every call is written into the journal, with its result."""

import itertools
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, Self
from urllib.parse import quote, urlencode

import httpx
from httpx_sse import EventSource

from harness import eventually
from harness.base.http import http_client

TIMEOUT_SECONDS = 15.0
ENDED = {"completed", "partially_completed", "failed", "cancelled"}
END = "end"  # the kind of a stream's last event
GENERATION_SECONDS = 60.0  # for the scripted provider; a real one takes longer


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream.

    Args:
        id: to go on from.
        event: its kind.
        data: decoded JSON.
    """

    id: str
    event: str
    data: Any


class Records(Protocol):
    """The part of a journal that a client needs."""

    def record(self, kind: str, **fields: Any) -> None: ...


class ApiClient:
    """A client of the API, logged in or not.

    Args:
        base_url: of the API.
        journal: gets a `call` for each request: who, method, path, key, status or error, milliseconds, ids.
        token: sent as bearer token.
        generation_seconds: longest wait for a roadmap.
    """

    def __init__(
        self,
        base_url: str,
        journal: Records,
        token: str | None = None,
        generation_seconds: float = GENERATION_SECONDS,
    ) -> None:
        self.base_url = base_url
        self.name = ""  # of the account, if it is logged in
        self.generation_seconds = generation_seconds
        self.made: list[Account] = []
        self._journal = journal
        self._token = token
        self._http = self._open()
        self._accounts: list[Account] = []

    def _open(self) -> httpx.Client:
        return http_client(self.base_url, TIMEOUT_SECONDS, headers=self.headers)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of each call."""
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close this client, and those that were logged in through it."""
        for account in self._accounts:
            account.close()
        self._http.close()

    def request(
        self, method: str, path: str, *, json: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Make a call and return any answer.

        Raises:
            httpx.TransportError: there was no answer; whether the call took effect is unknown, and recorded so.
        """
        began = time.monotonic()
        call: dict[str, Any] = {"method": method, "path": path, "by": self.name}
        if key := (headers or {}).get("Idempotency-Key"):
            call["key"] = key
        try:
            response = self._http.request(method, path, json=json, headers=headers)
        except httpx.TransportError as error:
            call |= {"error": type(error).__name__, "milliseconds": _milliseconds(began)}
            self._journal.record("call", **call, outcome="unknown")
            raise
        call |= {"status": response.status_code, "request_id": response.headers.get("x-request-id")}
        if response.status_code == httpx.codes.ACCEPTED:
            call["roadmap_id"] = response.json()["id"]
        self._journal.record("call", **call, outcome="answered", milliseconds=_milliseconds(began))
        return response

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str]) -> Iterator[Iterator[Event]]:
        """Follow server-sent events up to the event `end`; recorded as one call.

        Raises:
            AssertionError: the status was neither 200, nor 204 for a stream without further events.
        """
        with self._http.stream("GET", path, headers=headers) as response:
            self._journal.record(
                "call",
                method="GET",
                path=path,
                by=self.name,
                status=response.status_code,
                request_id=response.headers.get("x-request-id"),
                outcome="answered",
            )
            if response.status_code == httpx.codes.NO_CONTENT:
                yield iter(())
                return
            assert response.status_code == httpx.codes.OK, response.read()
            every = (Event(sse.id, sse.event, sse.json()) for sse in EventSource(response).iter_sse())
            yield itertools.takewhile(lambda event: event.event != END, every)

    def expect(self, status: int, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Make a call that must answer with this status.

        Raises:
            AssertionError: it had another status; shows the answer.
        """
        response = self.request(method, path, **arguments)
        assert response.status_code == status, (
            f"{method} {path} answered {response.status_code} instead of {status}: {response.text}"
        )
        return response

    def forget_connections(self) -> None:
        """Open a new connection for the next call, which any API process may take; accounts do the same."""
        for client in (self, *self._accounts):
            client._http.close()  # noqa: SLF001 - one of us
            client._http = client._open()  # noqa: SLF001

    def sign_up(self, name: str = "ada") -> "Account":
        """Register a new account and log in."""
        unique = f"{name}-{secrets.token_hex(4)}"
        account = {
            "email": f"{unique}@example.com",
            "username": unique,
            "password": secrets.token_urlsafe(16),
        }
        self.expect(201, "POST", "/api/v1/auth/register", json=account)
        made = self.log_in(account["email"], account["password"])
        self.made.append(made)
        return made

    def log_in(self, email: str, password: str) -> "Account":
        """A client that is logged in to this account."""
        credentials = {"email": email, "password": password}
        token = self.expect(200, "POST", "/api/v1/auth/login", json=credentials).json()["access_token"]
        account = Account(self.base_url, self._journal, token, self.generation_seconds)
        account.name = account.email = email
        account.password = password
        self._accounts.append(account)
        return account


class Account(ApiClient):
    """A client that is logged in with these credentials."""

    email: str
    password: str

    def delete(self) -> None:
        """Delete the account with all its roadmaps, unless it is deleted already; its token may have been revoked."""
        self.close()  # an open stream would keep the connection
        with ApiClient(self.base_url, self._journal) as anybody:
            credentials = {"email": self.email, "password": self.password}
            answer = anybody.request("POST", "/api/v1/auth/login", json=credentials)
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                return
            token = answer.raise_for_status().json()["access_token"]
            with ApiClient(self.base_url, self._journal, token) as own:
                own.name = self.name
                own.expect(204, "DELETE", "/api/v1/auth/me")

    def create_roadmap(self, topic: str, *, key: str | None = None, **wishes: Any) -> "Roadmap":
        """Ask for a roadmap.

        Args:
            topic: what to learn.
            key: the Idempotency-Key; a new one by default.
            wishes: the other fields of the request's body.
        """
        headers = {"Idempotency-Key": key or secrets.token_hex(8)}
        body = {"topic": topic, **wishes}
        accepted = self.expect(202, "POST", "/api/v1/roadmaps", json=body, headers=headers)
        return Roadmap(self, accepted)


class Roadmap:
    """A roadmap that was accepted.

    Args:
        account: its owner.
        accepted: the 202.
    """

    def __init__(self, account: Account, accepted: httpx.Response) -> None:
        self._account = account
        self.id: str = accepted.json()["id"]
        self.path: str = accepted.headers["Location"]
        self.http_request_id: str = accepted.headers["x-request-id"]

    def read(self) -> dict[str, Any]:
        return self._get("")

    def status(self) -> dict[str, Any]:
        return self._get("/status")

    def logs(self, **wanted: str) -> list[dict[str, Any]]:
        """Its execution log, with all events that are stored so far.

        Args:
            wanted: filters, such as `level="error"`; a concept by its name or its id.
        """
        if "concept" in wanted:
            wanted["concept"] = self.concept_id(wanted["concept"])
        query = f"?{urlencode({'limit': 1000, **wanted})}"
        items: list[dict[str, Any]] = self._get(f"/logs{query}")["items"]
        return items

    def log_summary(self) -> dict[str, Any]:
        return self._get("/logs/summary")

    def concept(self, name: str) -> dict[str, Any]:
        """The content of one of its concepts.

        Args:
            name: the curriculum author's name of the concept, or its id.
        """
        return self._get(f"/concepts/{quote(self.concept_id(name), safe='')}")

    def concepts(self) -> list[dict[str, Any]]:
        """All its concepts so far, in order."""
        return [
            concept
            for stage in self.read()["stages"]
            for module in stage["modules"]
            for concept in module["concepts"]
        ]

    def concept_id(self, name: str) -> str:
        """The product's id of the concept with this name; the name itself if there is none."""
        ids: dict[str, str] = {concept.get("name", ""): concept["id"] for concept in self.concepts()}
        return ids.get(name, name)

    def retry(self) -> None:
        self._account.expect(202, "POST", f"{self.path}/retry")

    def cancel(self) -> dict[str, Any]:
        body: dict[str, Any] = self._account.expect(200, "POST", f"{self.path}/cancel").json()
        return body

    def delete(self) -> None:
        self._account.expect(204, "DELETE", self.path)

    def events(self, after: str = "") -> AbstractContextManager[Iterator[Event]]:
        """Follow its log as it grows, until it has ended.

        Args:
            after: id of the last event that was seen; '' begins at the first.
        """
        return self._account.stream(f"{self.path}/events", {"Last-Event-ID": after} if after else {})

    def wait_until_ended(self, timeout: float | None = None) -> dict[str, Any]:
        """Wait until the roadmap has ended in any way; returns it.

        Args:
            timeout: seconds; the client's own by default.

        Raises:
            TimeoutError: it has not ended.
        """

        def ended() -> dict[str, Any] | None:
            status = self.status()
            return status if status["status"] in ENDED else None

        eventually(
            ended,
            timeout=timeout or self._account.generation_seconds,
            what=f"the end of roadmap {self.id}",
            evidence=lambda: str(self.status()),
        )
        return self.read()

    def _get(self, below: str) -> dict[str, Any]:
        body: dict[str, Any] = self._account.expect(200, "GET", self.path + below).json()
        return body


def _milliseconds(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
