"""The base of the users of every load test: open arrivals. An application's own classes know its pages and answers."""

import logging
import time
from typing import ClassVar

import gevent
from gevent.event import Event
from gevent.pool import Group
from locust import FastHttpUser, tag, task
from locust.env import Environment
from locust.exception import StopUser

from harness.load.locust.accounts import Account
from harness.load.locust.profiles import Arrival
from harness.load.locust.recorder import ENDED, LAG, Asked
from harness.load.locust.stream import Stream
from harness.load.locust.tracing import traced

log = logging.getLogger(__name__)
CREATE, BROWSE = "create", "browse"  # for Locust's --tags
MANY_CONNECTIONS = 1000  # connections: the default of 10 would queue arrivals in the generator


class UnsuccessfulError(Exception):
    """A job did not end well; says which."""


class LoadUser(FastHttpUser):
    """A user that takes part in a load test."""

    abstract = True
    concurrency = MANY_CONNECTIONS
    network_timeout = 30.0
    connection_timeout = 10.0
    insecure = False  # except with --insecure
    stream: ClassVar[Stream]  # given by the session, one for each process

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.client.request = traced(self.client.request)  # type: ignore[method-assign]

    def sign_up(self) -> Account:
        """A new signed-in account; an empty one where the application has no accounts.

        Raises:
            RuntimeError: the service refused; shows its answer.
        """
        return Account()


class OpenUser(LoadUser):
    """Open arrivals: each comes at its moment, however long the ones before it take.

    A closed user waits for its answer before it asks again, and so hides every stall from the percentiles.
    """

    abstract = True
    fixed_count = 1

    def ask(self, account: Account, asked: Asked) -> None:
        """Ask for one job; note the time of the answer, its status, and the id where it was accepted.

        Args:
            account: who asks.
            asked: the note.
        """
        raise NotImplementedError

    def follow(self, account: Account, asked: Asked) -> None:
        """Look at its progress as a client would, until it has ended; note what is seen.

        Args:
            account: who asked.
            asked: the note.
        """
        raise NotImplementedError

    def on_start(self) -> None:
        self._waiting = Group()
        try:
            self.stream.accounts.prepare(self)
        except RuntimeError as error:
            log.error(str(error))
            self.stream.refused += 1
            raise StopUser from None

    def on_stop(self) -> None:
        """Give up unfinished jobs: they are recorded as they are."""
        self._waiting.kill()

    @tag(CREATE)
    @task
    def arrive(self) -> None:
        """Play one stream of the schedule, then stay until the run is over."""
        schedule = self.stream.schedule()
        if schedule is None:
            Event().wait()
            return
        began = time.time()
        for arrival in schedule:
            gevent.sleep(max(began + arrival.at - time.time(), 0))
            self._waiting.spawn(self._want, arrival, began + arrival.at)
        gevent.sleep(max(began + self.stream.seconds - time.time(), 0))
        self.stream.ended_streams += 1
        Event().wait()

    def _want(self, arrival: Arrival, intended: float) -> None:
        stream = self.stream
        stream.recorder.offered[arrival.phase] += 1
        account = stream.accounts.least_busy(self)
        asked = Asked(phase=arrival.phase, intended=intended, sent=time.time())
        stream.recorder.request(LAG, arrival.phase, asked.sent - intended)
        account.making += 1
        stream.making += 1
        try:
            self.ask(account, asked)
            failure = "" if asked.id else f"status {asked.status}"
            stream.recorder.request(stream.from_intended, asked.phase, asked.answered - intended, failure)
            if asked.id:
                self.follow(account, asked)
                account.made.append(asked.id)
        finally:
            account.making -= 1
            stream.making -= 1
            stream.recorder.asked.append(asked)
            self._tell(asked)

    def _tell(self, asked: Asked) -> None:
        """Tell Locust how long a job took, in the world's time, so that its `--csv`, `--html` and pages show this figure."""
        if not asked.id:
            failure = "was not accepted"
        elif asked.ended is None:
            failure = "never ended"
        else:
            good = self.stream.ended_well
            failure = "" if good in {"", asked.outcome} else f"ended as {asked.outcome}"
        self.environment.events.request.fire(
            request_type=ENDED,
            name=self.stream.time_to,
            response_time=((asked.ended or time.time()) - asked.intended) * self.stream.speed * 1000,
            response_length=0,
            exception=UnsuccessfulError(failure) if failure else None,
            context={},
        )
