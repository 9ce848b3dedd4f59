"""Who uses the service: an author asks for roadmaps at the times of a schedule, readers browse."""

import logging
import secrets
import time
from datetime import datetime
from typing import Any, ClassVar

import gevent
from gevent.event import Event
from gevent.pool import Group
from locust import FastHttpUser, between, tag, task
from locust.exception import StopUser

from harness.load.locust.profiles import Arrival
from harness.load.locust.recorder import FROM_INTENDED, LAG, POST_ROADMAP, Asked
from harness.load.locust.stream import Account, Load, credentials

log = logging.getLogger(__name__)
CREATE, BROWSE = "create", "browse"  # for Locust's --tags
ROADMAPS = "/api/v1/roadmaps"
ENDED = {"completed", "partially_completed", "failed", "cancelled"}
ACCEPTED = 202
OK = 200
MANY_CONNECTIONS = 1000  # the default of 10 would queue arrivals in the generator


class Client(FastHttpUser):
    """What both have in common."""

    abstract = True
    concurrency = MANY_CONNECTIONS
    network_timeout = 30.0
    connection_timeout = 10.0
    load: ClassVar[Load]  # given by the locustfile, one a process

    def sign_up(self) -> Account:
        """Register somebody new, and log in.

        Raises:
            RuntimeError: the service does not let us; shows what it said.
        """
        person = credentials()
        made = self.client.post("/api/v1/auth/register", json=person, name="POST /api/v1/auth/register")
        known = {name: person[name] for name in ("email", "password")}
        answer = self.client.post("/api/v1/auth/login", json=known, name="POST /api/v1/auth/login")
        if answer.status_code != OK:
            raise RuntimeError(
                f"{self.host} lets nobody sign up: {made.status_code} {made.text}, then {answer.status_code}"
            )
        return Account(answer.json()["access_token"])

    def get(self, account: Account, path: str, name: str) -> Any:
        """What the service shows; None where it does not."""
        answer = self.client.get(f"{ROADMAPS}{path}", name=f"GET {ROADMAPS}{name}", headers=account.headers)
        return answer.json() if answer.status_code == OK else None


class Author(Client):
    """Open arrivals: each comes at its moment, however long the ones before it take.

    A closed user waits for its answer before it asks again, and so hides every stall from the percentiles.
    """

    fixed_count = 1

    def on_start(self) -> None:
        self._waiting = Group()
        try:
            self.load.prepare(self)
        except RuntimeError as error:
            log.error(str(error))
            self.load.refused += 1
            raise StopUser from None

    def on_stop(self) -> None:
        """Give up those that have not ended: they are recorded as they are."""
        self._waiting.kill()

    @tag(CREATE)
    @task
    def arrive(self) -> None:
        """Play one stream of the schedule, then stay until the run is over."""
        schedule = self.load.schedule()
        began = time.time()
        for arrival in schedule:
            gevent.sleep(max(began + arrival.at - time.time(), 0))
            self._waiting.spawn(self._want, arrival, began + arrival.at)
        gevent.sleep(max(began + self.load.seconds - time.time(), 0))
        self.load.ended_streams += 1
        Event().wait()

    def _want(self, arrival: Arrival, intended: float) -> None:
        load = self.load
        load.recorder.offered[arrival.phase] += 1
        account = load.account(self)
        roadmap = Asked(phase=arrival.phase, intended=intended, sent=time.time())
        load.recorder.request(LAG, arrival.phase, roadmap.sent - intended)
        account.making += 1
        load.making += 1
        try:
            self._ask(account, roadmap)
            if roadmap.id:
                self._follow(account, roadmap)
        finally:
            account.making -= 1
            load.making -= 1
            load.recorder.roadmaps.append(roadmap)

    def _ask(self, account: Account, roadmap: Asked) -> None:
        key = secrets.token_hex(8)
        answer = self.client.post(
            ROADMAPS,
            name=POST_ROADMAP,
            json={"topic": f"Load {key}"},
            headers={**account.headers, "Idempotency-Key": key},
        )
        roadmap.answered, roadmap.status = time.time(), answer.status_code
        accepted = answer.status_code == ACCEPTED
        failure = "" if accepted else f"status {answer.status_code}"
        self.load.recorder.request(FROM_INTENDED, roadmap.phase, roadmap.answered - roadmap.intended, failure)
        if accepted:
            roadmap.id = answer.json()["id"]

    def _follow(self, account: Account, roadmap: Asked) -> None:
        """Look at its progress as a client would, until it has ended."""
        for pause in self.load.looks():
            gevent.sleep(pause)
            seen = self.get(account, f"/{roadmap.id}/status", "/{id}/status")
            if seen is None:
                continue
            if seen["status"] != "queued" and roadmap.running is None:
                roadmap.running = time.time()
            if seen["status"] in ENDED:
                roadmap.ended, roadmap.outcome = time.time(), seen["status"]
                break
        whole = self.get(account, f"/{roadmap.id}", "/{id}") or {}
        roadmap.created, roadmap.finished = _stamp(whole.get("created_at")), _stamp(whole.get("ended_at"))
        logs = self.get(account, f"/{roadmap.id}/logs/summary", "/{id}/logs/summary") or {}
        roadmap.log_lag = logs.get("lag_seconds")
        account.made.append(roadmap.id)


class Reader(Client):
    """Closed: a person reads one page after the other."""

    wait_time = between(2, 8)

    def on_start(self) -> None:
        try:
            self.account = self.load.account(self)
        except RuntimeError:
            raise StopUser from None  # the author, whom it meets too, has said it

    @tag(BROWSE)
    @task(3)
    def look_at_the_list(self) -> None:
        """One's roadmaps, the newest first."""
        self.get(self.account, "?limit=20", "")

    @tag(BROWSE)
    @task(2)
    def read_a_roadmap(self) -> None:
        """One of them, and one of its concepts."""
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
        """What happened to one of them."""
        if self.account.made:
            self.get(self.account, f"/{secrets.choice(self.account.made)}/logs", "/{id}/logs")


def _stamp(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()
