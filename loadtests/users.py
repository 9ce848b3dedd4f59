"""The users of the service: an author asks for roadmaps at the times of a schedule, readers browse."""

import random
import secrets
import time
from datetime import datetime
from typing import Any

import gevent
from locust import tag, task
from locust.exception import StopUser

from harness.load.locust.accounts import Account
from harness.load.locust.recorder import Asked
from harness.load.locust.users import BROWSE, LoadUser, OpenUser
from loadtests.traffic import told

ROADMAPS = "/api/v1/roadmaps"
ENDED = {"completed", "partially_completed", "failed", "cancelled"}
ACCEPTED = 202
OK = 200
LEAST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 2.0, 8.0


class Client(LoadUser):
    """Common to authors and readers."""

    abstract = True

    def sign_up(self) -> Account:
        """Register a new account, and log in.

        Raises:
            RuntimeError: the service refuses; shows its answer.
        """
        person = credentials()
        made = self.client.post("/api/v1/auth/register", json=person, name="POST /api/v1/auth/register")
        known = {name: person[name] for name in ("email", "password")}
        answer = self.client.post("/api/v1/auth/login", json=known, name="POST /api/v1/auth/login")
        if answer.status_code != OK:
            raise RuntimeError(
                f"{self.host} lets nobody sign up: {made.status_code} {made.text}, then {answer.status_code}"
            )
        return Account({"Authorization": f"Bearer {answer.json()['access_token']}"})

    def get(self, account: Account, path: str, name: str) -> Any:
        """The JSON of a page; None if the service answers with an error."""
        answer = self.client.get(f"{ROADMAPS}{path}", name=f"GET {ROADMAPS}{name}", headers=account.headers)
        return answer.json() if answer.status_code == OK else None


class Author(Client, OpenUser):
    """Asks for roadmaps, and waits for each as a client would."""

    def ask(self, account: Account, asked: Asked) -> None:
        """Ask for a roadmap with its own topic, so that no roadmap is a copy of another."""
        key = secrets.token_hex(8)
        answer = self.client.post(
            ROADMAPS,
            name=f"POST {ROADMAPS}",
            json={"topic": f"Load {key}{told(self.stream.size())}"},
            headers={**account.headers, "Idempotency-Key": key},
        )
        asked.answered, asked.status = time.time(), answer.status_code
        if answer.status_code == ACCEPTED:
            asked.id = answer.json()["id"]

    def follow(self, account: Account, asked: Asked) -> None:
        """Read its progress until it has ended, then the whole roadmap."""
        for pause in self.stream.looks():
            gevent.sleep(pause)
            status = self.get(account, f"/{asked.id}/status", "/{id}/status")
            if status is None:
                continue
            if status["status"] != "queued" and asked.running is None:
                asked.running = time.time()
            if status["status"] in ENDED:
                asked.ended, asked.outcome = time.time(), status["status"]
                break
        whole = self.get(account, f"/{asked.id}", "/{id}") or {}
        asked.created, asked.finished = _stamp(whole.get("created_at")), _stamp(whole.get("ended_at"))
        logs = self.get(account, f"/{asked.id}/logs/summary", "/{id}/logs/summary") or {}
        asked.log_lag = logs.get("lag_seconds")


class Reader(Client):
    """A reader, as a closed loop: a person reads one page after the other."""

    def wait_time(self) -> float:
        """Seconds between two pages; readers are faster by the same factor as the provider."""
        return random.uniform(LEAST_PAUSE_SECONDS, MOST_PAUSE_SECONDS) / self.stream.speed  # noqa: S311 - no secret

    def on_start(self) -> None:
        try:
            self.account = self.stream.accounts.least_busy(self)
        except RuntimeError:
            raise StopUser from None  # the author has the same error and reports it

    @tag(BROWSE)
    @task(3)
    def look_at_the_list(self) -> None:
        """Read the list of the user's roadmaps, the newest first."""
        self.get(self.account, "?limit=20", "")

    @tag(BROWSE)
    @task(2)
    def read_a_roadmap(self) -> None:
        """Read one of the roadmaps, and one of its concepts."""
        if not self.account.made:
            return
        chosen = secrets.choice(self.account.made)
        whole = self.get(self.account, f"/{chosen}", "/{id}")
        concepts = [
            concept["id"]
            for stage in (whole or {}).get("stages", ())
            for module in stage["modules"]
            for concept in module["concepts"]
        ]
        if concepts:
            self.get(
                self.account, f"/{chosen}/concepts/{secrets.choice(concepts)}", "/{id}/concepts/{concept}"
            )

    @tag(BROWSE)
    @task(1)
    def read_the_log(self) -> None:
        """Read the log of one of the roadmaps."""
        if self.account.made:
            self.get(self.account, f"/{secrets.choice(self.account.made)}/logs", "/{id}/logs")


def credentials() -> dict[str, str]:
    """The credentials of a new account."""
    name = f"load-{secrets.token_hex(6)}"
    return {"email": f"{name}@example.com", "username": name, "password": secrets.token_urlsafe(16)}


def _stamp(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()
