"""One run of the generator, whether it is one process or a master with workers: who plays what, what was seen, when it is over."""

import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from locust.env import Environment
from locust.event import Events
from locust.runners import MasterRunner, WorkerRunner

from harness.load.locust import options
from harness.load.locust.recorder import Recorder
from harness.load.locust.stream import Stream
from harness.load.locust.traffic import Traffic
from harness.load.locust.users import CREATE, LoadUser, OpenUser

TOLD = ("profile", "run_time")  # options of Locust's own that it does not pass on to workers
REPORT = "load"
FOLDER = Path(".harness/load")


class Generator:
    """What one Locust process knows of the run.

    Args:
        traffic: what is asked of the service.
        author: who asks for it, one a stream.
    """

    _environment: Environment

    def __init__(self, traffic: Traffic, author: type[OpenUser]) -> None:
        self.traffic = traffic
        self._author = author
        self._streams = 1
        self._began = datetime.now(UTC)
        self.recorder = Recorder()
        self.stream: Stream | None = None

    def listen(self, events: Events) -> None:
        """Take part in what Locust tells.

        A worker must do so before it has a runner: it is connected from then on, and may be told to begin before `init`.

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

    def _start(self, environment: Environment, **_: Any) -> None:
        self._known(environment)
        self._began = datetime.now(UTC)
        self.recorder = Recorder()
        runner = environment.runner
        if isinstance(runner, MasterRunner):
            self._streams = self.streams
            self._author.fixed_count = max(self._streams, 1)
            # Options that Locust does not know go with its order to begin: a message of ours could come before it is heard.
            self.chosen.told = {"streams": self._streams} | {
                name: getattr(self.chosen, name) for name in TOLD
            }
            return
        number = 0
        if isinstance(runner, WorkerRunner):
            vars(self.chosen).update(self.chosen.told)
            number, self._streams = runner.worker_index, self.chosen.streams
        self.stream = LoadUser.stream = options.stream(
            self.chosen, self.traffic, streams=self._streams, number=number
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
        if self.stream is not None:
            kind = name if name.startswith(request_type) else f"{request_type} {name}"
            status = getattr(response, "status_code", 0)
            failure = "" if exception is None else f"status {status}" if status else type(exception).__name__
            self.stream.recorder.request(kind, self.stream.phase, response_time / 1000, failure)

    def _report(self, data: dict[str, Any], **_: Any) -> None:
        if self.stream is not None:
            data[REPORT] = self._taken(self.stream)

    def _reported(self, data: dict[str, Any], **_: Any) -> None:
        if REPORT in data:
            self.recorder.merge(data[REPORT])

    @property
    def seconds(self) -> float:
        """For how long there are arrivals."""
        return float(
            sum(phase.seconds for phase in options.phases(self.chosen, self.traffic)) / self.chosen.speed
        )

    @property
    def streams(self) -> int:
        """By how many the arrivals come: one a process that generates load; none where only readers are wanted."""
        runner = self._environment.runner
        if not options.wanted(self.chosen, CREATE):
            return 0
        return max(runner.worker_count, 1) if isinstance(runner, MasterRunner) else 1

    def gather(self) -> None:
        """Bring what this process has seen to what is known of the whole run."""
        if self.stream is not None and not isinstance(self._environment.runner, WorkerRunner):
            self.recorder.merge(self._taken(self.stream))

    @property
    def over(self) -> bool:
        """Whether every arrival has come and all that was asked for has ended, or none can come, as far as is known here."""
        self.gather()
        if self.recorder.total("refused"):
            return True
        if not self.streams:
            return time.time() - self._began.timestamp() > self.seconds
        return self.recorder.total("ended_streams") >= self._streams and not self.recorder.total("making")

    def write(self, folder: str) -> Path:
        """Leave what was seen.

        Args:
            folder: '' for a new one.
        """
        self.gather()
        where = Path(folder) if folder else FOLDER / f"{self._began:%Y%m%d-%H%M%S}-{self.chosen.tier}"
        streams = [
            options.stream(self.chosen, self.traffic, streams=max(self._streams, 1), number=n)
            for n in range(max(self._streams, 1))
        ]
        phases = [
            {"name": phase.name, "seconds": phase.seconds, "arrivals": phase.arrivals}
            for phase in streams[0].phases
        ]
        chosen = ("tier", "speed", "load_seed")
        self.recorder.write(
            where,
            self.traffic.notes,
            host=self._environment.host,
            began=self._began.timestamp(),
            ended=time.time(),
            profile=options.profile(self.chosen),
            phases=phases,
            planned=sum((stream.planned for stream in streams), Counter()),
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
