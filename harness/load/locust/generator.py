"""One run of the generator, whether it is one process or a master with workers: who plays what, what was seen, when it is over."""

import json
import logging
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from locust import LoadTestShape
from locust.env import Environment
from locust.event import Events
from locust.runners import MasterRunner, WorkerRunner

from harness.load.locust import options
from harness.load.locust.recorder import Recorder
from harness.load.locust.stream import Load
from loadtests.users import BROWSE, CREATE, Author, Client

log = logging.getLogger(__name__)
TOLD = ("profile", "run_time")  # options of Locust's own that it does not pass on to workers
REPORT = "roadmaps"
PREPARATION_SECONDS = 120.0
SPAWN_RATE = 100
PROVIDER_SECONDS = 5.0
FOLDER = Path(".harness/load")


class Generator:
    """What one Locust process knows of the run."""

    _environment: Environment

    def __init__(self) -> None:
        self._streams = 1
        self._began = datetime.now(UTC)
        self.recorder = Recorder()
        self.load: Load | None = None

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
            Author.fixed_count = max(self._streams, 1)
            # Options that Locust does not know go with its order to begin: a message of ours could come before it is heard.
            self.chosen.told = {"streams": self._streams} | {
                name: getattr(self.chosen, name) for name in TOLD
            }
            return
        process = 0
        if isinstance(runner, WorkerRunner):
            vars(self.chosen).update(self.chosen.told)
            process, self._streams = runner.worker_index, self.chosen.streams
        self.load = options.load(self.chosen, streams=self._streams, process=process)
        Client.load = self.load

    def _requested(
        self,
        request_type: str,
        name: str,
        response_time: float,
        exception: BaseException | None,
        response: Any = None,
        **_: Any,
    ) -> None:
        if self.load is not None:
            kind = name if name.startswith(request_type) else f"{request_type} {name}"
            status = getattr(response, "status_code", 0)
            failure = "" if exception is None else f"status {status}" if status else type(exception).__name__
            self.load.recorder.request(kind, self.load.phase, response_time / 1000, failure)

    def _report(self, data: dict[str, Any], **_: Any) -> None:
        if self.load is not None:
            data[REPORT] = self._taken(self.load)

    def _reported(self, data: dict[str, Any], **_: Any) -> None:
        if REPORT in data:
            self.recorder.merge(data[REPORT])

    @property
    def seconds(self) -> float:
        """For how long roadmaps are asked for."""
        return float(sum(phase.seconds for phase in options.phases(self.chosen)) / self.chosen.speed)

    @property
    def streams(self) -> int:
        """By how many the arrivals come: one a process that generates load; none where only readers are wanted."""
        runner = self._environment.runner
        if not options.wanted(self.chosen, CREATE):
            return 0
        return max(runner.worker_count, 1) if isinstance(runner, MasterRunner) else 1

    def gather(self) -> None:
        """Bring what this process has seen to what is known of the whole run."""
        if self.load is not None and not isinstance(self._environment.runner, WorkerRunner):
            self.recorder.merge(self._taken(self.load))

    @property
    def over(self) -> bool:
        """Whether every arrival has come and every roadmap has ended, or none can come, as far as is known here."""
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
        loads = [
            options.load(self.chosen, streams=max(self._streams, 1), process=n)
            for n in range(max(self._streams, 1))
        ]
        phases = [
            {"name": phase.name, "seconds": phase.seconds, "arrivals": phase.arrivals}
            for phase in loads[0].phases
        ]
        chosen = ("tier", "speed", "load_seed")
        self.recorder.write(
            where,
            host=self._environment.host,
            began=self._began.timestamp(),
            ended=time.time(),
            profile=options.profile(self.chosen),
            phases=phases,
            planned=sum((load.planned for load in loads), Counter()),
            **{name: getattr(self.chosen, name) for name in chosen},
        )
        return where

    @property
    def chosen(self) -> Any:
        """The options of the command line, or of the web page."""
        return self._environment.parsed_options

    def _taken(self, load: Load) -> dict[str, Any]:
        return load.recorder.take(making=load.making, ended_streams=load.ended_streams, refused=load.refused)


class Profile(LoadTestShape):
    """As many authors as there are streams and as many readers as are wanted, until all is over."""

    generator: Generator
    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        """What Locust is to run now; None at the end."""
        chosen, longest = self.generator.chosen, self.generator.seconds
        drain = options.demand(chosen).objectives.drain_s / chosen.speed
        passed = time.perf_counter() - self.start_time
        if passed > PREPARATION_SECONDS + longest + drain:
            log.warning("not everything has ended %g s after the last arrival; no longer waited for", drain)
            return None
        if self.generator.over:
            return None
        readers = options.demand(chosen).readers if options.wanted(chosen, BROWSE) else 0
        return self.generator.streams + readers, SPAWN_RATE


def refuse_to_pay(chosen: Any) -> None:
    """Make sure that nobody pays for roadmaps who did not say so.

    Raises:
        options.UsageError: nothing proves that the provider is a scripted one.
    """
    if chosen.allow_paid:
        return
    if not chosen.provider:
        raise options.UsageError(
            "each roadmap would cost money if a real provider is behind that address: give --provider with the "
            "address of the scripted one, or --allow-paid"
        )
    address = f"{chosen.provider.rstrip('/').removesuffix('/v1')}/__fake/calls?request=none"
    try:
        with urlopen(address, timeout=PROVIDER_SECONDS) as answer:  # noqa: S310 - a person gave it
            calls = json.load(answer)
    except (OSError, ValueError) as error:
        raise options.UsageError(f"no scripted provider answers at {address}: {error}") from None
    if not isinstance(calls, list):
        raise options.UsageError(f"no scripted provider answers at {address}, but something else")
