"""One run of the generator, in one process or as a master with workers: its streams, its record, and its end."""

import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gevent
from locust.env import Environment
from locust.event import Events
from locust.runners import STATE_INIT, STATE_MISSING, MasterRunner, WorkerRunner

from harness.load.locust import options
from harness.load.locust.dispatcher import Dispatcher
from harness.load.locust.places import Places
from harness.load.locust.recorder import ENDED, Recorder
from harness.load.locust.stream import Stream
from harness.load.locust.traffic import Traffic
from harness.load.locust.users import CREATE, LoadUser, OpenUser

TOLD = ("profile", "run_time")  # Locust's own options that it does not pass on to workers
REPORT = "load"
ALONE = "local"  # name of the one process of a run without workers
FOLDER = Path(".harness/load")
WORKERS_SECONDS, LOOK_SECONDS = 60.0, 0.2


class Generator:
    """The state of the run in one Locust process.

    Args:
        traffic: the requests to the service.
        author: class of the users that ask for work, one for each stream.
    """

    _environment: Environment

    def __init__(self, traffic: Traffic, author: type[OpenUser]) -> None:
        self.traffic = traffic
        self._author = author
        self._places: Places | None = None  # places of the run, in the process that leads it
        self._began = datetime.now(UTC)
        self.recorder = Recorder()
        self.stream: Stream | None = None

    def listen(self, events: Events) -> None:
        """Register for Locust's events.

        A worker must do so before it has a runner: from then on it is connected, and may get the order to begin before `init`.

        Args:
            events: Locust's.
        """
        events.init.add_listener(self._known)
        events.test_start.add_listener(self._start)
        events.request.add_listener(self._requested)
        events.report_to_master.add_listener(self._report)
        events.worker_report.add_listener(self._reported)

    def _known(self, environment: Environment, **_: Any) -> None:
        self._environment = environment
        if isinstance(environment.runner, MasterRunner):
            environment.dispatcher_class = Dispatcher

    def _start(self, environment: Environment, **_: Any) -> None:
        self._known(environment)
        # A worker may be told to begin while its runner is still being made.
        while environment.runner is None:
            gevent.sleep(LOOK_SECONDS)
        self._began = datetime.now(UTC)
        self.recorder = Recorder()
        runner = environment.runner
        if isinstance(runner, WorkerRunner):
            vars(self.chosen).update(self.chosen.told)
            numbers, me = self.chosen.places, runner.client_id
        else:
            self._places = Dispatcher.places = Places(self._workers if self._has_authors else [])
            numbers, me = self._places.numbers, ALONE
        LoadUser.insecure = self.chosen.insecure
        if isinstance(runner, MasterRunner):
            Dispatcher.author, self._author.fixed_count = self._author.__name__, max(len(numbers), 1)
            # Our options go with Locust's order to begin: a message of our own could arrive before the worker listens.
            self.chosen.told = {"places": numbers} | {name: getattr(self.chosen, name) for name in TOLD}
            return
        self.stream = LoadUser.stream = options.stream(
            self.chosen, self.traffic, streams=len(numbers), number=numbers.get(me)
        )

    def _requested(
        self,
        request_type: str,
        name: str,
        response_time: float,
        exception: BaseException | None,
        response: Any = None,
        **_: Any,
    ) -> None:
        if self.stream is not None and request_type != ENDED:
            kind = name if name.startswith(request_type) else f"{request_type} {name}"
            status = getattr(response, "status_code", 0)
            failure = "" if exception is None else f"status {status}" if status else type(exception).__name__
            self.stream.recorder.request(kind, self.stream.phase, response_time / 1000, failure)

    def _report(self, data: dict[str, Any], **_: Any) -> None:
        if self.stream is not None:
            data[REPORT] = self._taken(self.stream)

    def _reported(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        if REPORT in data:
            self._merge(client_id, data[REPORT])

    def _merge(self, worker: str, taken: dict[str, Any]) -> None:
        self.recorder.merge(taken)
        if self._places is not None:
            self._places.reported(worker, taken["processes"])

    @property
    def seconds(self) -> float:
        """How long there are arrivals, in seconds."""
        return float(
            sum(phase.seconds for phase in options.phases(self.chosen, self.traffic)) / self.chosen.speed
        )

    @property
    def streams(self) -> int:
        """The number of streams: one for each process that generates load; none where only readers are wanted."""
        if not self._has_authors:
            return 0
        return max(len(self._workers if self._places is None else self._places.numbers), 1)

    @property
    def _has_authors(self) -> bool:
        return options.wanted(self.chosen, CREATE)

    @property
    def _workers(self) -> list[str]:
        """The workers that are connected."""
        runner = self._environment.runner
        if not isinstance(runner, MasterRunner):
            return [ALONE]
        return [client.id for client in runner.clients.all if client.state != STATE_MISSING]

    def prepare(self) -> bool:
        """Before a run, wait until all announced workers are connected; on a busy machine one may have been lost for a while.

        Returns:
            Whether there is a process to generate load.
        """
        runner = self._environment.runner
        assert runner is not None
        if runner.state != STATE_INIT:
            return True
        self._places = None
        until = time.monotonic() + WORKERS_SECONDS
        while isinstance(runner, MasterRunner) and time.monotonic() < until:
            if len(self._workers) >= self.chosen.expect_workers:
                break
            gevent.sleep(LOOK_SECONDS)
        return bool(self._workers)

    def gather(self) -> None:
        """Add this process's record to that of the whole run."""
        if self.stream is not None and not isinstance(self._environment.runner, WorkerRunner):
            self._merge(ALONE, self._taken(self.stream))

    @property
    def over(self) -> bool:
        """Whether everything has ended, or can never end, as far as this process knows."""
        self.gather()
        if self._places is None:
            return False
        if not self._places.numbers:
            return time.time() - self._began.timestamp() > self.seconds
        return (
            self._places.done
            or bool(self.recorder.total("refused"))
            or self._places.lost(self._workers, time.monotonic())
        )

    def write(self, folder: str) -> Path:
        """Write the record.

        Args:
            folder: '' for a new one.
        """
        self.gather()
        where = Path(folder) if folder else FOLDER / f"{self._began:%Y%m%d-%H%M%S}-{self.chosen.tier}"
        count = max(len(self._places.numbers) if self._places is not None else 0, 1)
        streams = [
            options.stream(self.chosen, self.traffic, streams=count, number=number) for number in range(count)
        ]
        phases = [
            {"name": phase.name, "seconds": phase.seconds, "arrivals": phase.arrivals}
            for phase in streams[0].phases
        ]
        chosen = ("tier", "speed", "load_seed", "workload")
        self.recorder.write(
            where,
            self.traffic.notes,
            host=self._environment.host,
            began=self._began.timestamp(),
            ended=time.time(),
            profile=options.profile(self.chosen),
            readers=options.readers(self.chosen, self.traffic),
            phases=phases,
            planned=sum((stream.planned for stream in streams), Counter()),
            unplayed=self._places.unplayed() if self._places is not None else [],
            **{name: getattr(self.chosen, name) for name in chosen},
        )
        return where

    @property
    def chosen(self) -> Any:
        """The options of the command line, or of the web page."""
        return self._environment.parsed_options

    def _taken(self, stream: Stream) -> dict[str, Any]:
        return stream.recorder.take(
            making=stream.making, ended_streams=stream.ended_streams, refused=stream.refused
        )
