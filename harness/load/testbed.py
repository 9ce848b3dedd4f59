"""A testbed: a stack at one tier, the generator against it, the probes around it, and a recorded run as the result."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import msgspec
import psutil

from harness.base.progress import Progress, silence
from harness.base.wait import eventually
from harness.load import machine, probes, processes
from harness.load.build_record import replicate
from harness.load.cgroup import Cgroup
from harness.load.children import end
from harness.load.declaration import LoadTest
from harness.load.generator_client import Plan, generate
from harness.load.leak import Leak
from harness.load.locust.demands import USUAL
from harness.load.locust.profiles import STEADY
from harness.load.mutants import Mutant
from harness.load.record import EMBEDDED, LiveRole, Replicate, Row, Run
from harness.load.run_page import write_run_page
from harness.stack.stack import Stack
from harness.substrates.choice import spec_on

Finish = Callable[[Mapping[str, Any], Sequence[Mapping[str, Any]]], Replicate]
IDLE_SECONDS = 120.0
PROBES_END_SECONDS = 10.0
IDLE_POLL_SECONDS = 0.005
# The limit of connections for the server's users together, and for this database. PostgreSQL 16 can reserve some for a role.
_CONNECTIONS = """
SELECT least(
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0),
    (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()))
"""


class Testbed:
    """A stack under load.

    Args:
        test: of which application.
        tier: row of the table.
        folder: for everything that is recorded.
        speed: times how much faster time passes.
        progress: told what happens.
        env: settings over the deployment's.
        substrate: where the stack lives.
        mutant: a fault on purpose.
        workload: its name.
    """

    __test__ = False  # its name must not make pytest collect it

    def __init__(
        self,
        test: LoadTest,
        tier: str,
        folder: Path,
        *,
        speed: float,
        progress: Progress = silence,
        env: Mapping[str, str] | None = None,
        substrate: str = EMBEDDED,
        mutant: Mutant | None = None,
        workload: str = USUAL,
    ) -> None:
        self.test = test
        self.tier = tier
        self.row: Row = test.rows()[tier]
        self.speed = speed
        self.workload = workload
        self._folder = folder
        self._progress = progress
        self._mutant = mutant
        self._began = time.time()
        self._replicates: list[Replicate] = []
        self._played_again: list[str] = []
        self.steps = 0  # that there will be, where somebody has said it
        self.stack = Stack(
            replace(
                spec_on(self._started_as(tier), substrate),
                env={**test.settings(self.row), **(env or {}), **self._faults()},
            ),
            "load",
            lambda step: progress(f"{tier}: starting {self._row_of(step)}"),
        )

    def __enter__(self) -> Self:
        self.stack.start()
        self.pids = processes.pids(self.stack)
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.stop()

    def replicate(
        self,
        profile: str,
        *,
        seconds: float,
        seed: int = 1,
        rate: float = 0.0,
        at_once: int = 0,
        readers: int = -1,
        identical: bool = False,
        least_look: float = 0.0,
    ) -> Replicate:
        """Play one run of the generator on a clean stack.

        Args:
            profile: of the load.
            seconds: how long there are arrivals, in the world's time.
            seed: of arrivals and of the provider's latency.
            rate: arrivals an hour; 0 for the tier's.
            at_once: size of a burst; 0 for the tier's.
            readers: people who browse; -1 for the tier's.
            identical: whether every call to the provider takes the same time.
            least_look: seconds of this machine between two looks at a job's progress.

        Raises:
            GeneratorError: the generator left no record.
            TimeoutError: the stack does not become idle afterwards.
        """
        number = len(self._replicates) + len(self._played_again) + 1
        name = f"{self.tier}-{number}-{profile}"
        folder = self._folder / name
        with self.observed(folder, seed, identical=identical) as finish:
            plan = Plan(
                host=self.stack.api_url,
                provider=self.provider_url,
                tier=self.tier,
                profile=profile,
                seconds=seconds,
                speed=self.speed,
                seed=seed,
                rate=rate,
                at_once=at_once,
                readers=readers,
                workload=self.workload,
                least_look=least_look,
            )
            began = time.monotonic()
            return finish(*generate(self.test, plan, folder, lambda: self._tell(name, began, profile)))

    def forget(self, reason: str) -> None:
        """Drop the last replicate, which will be played again.

        Args:
            reason: for the record.
        """
        self._replicates.pop()
        self._played_again.append(reason)
        self._progress(f"{self.tier}: played again: {reason}")

    @contextmanager
    def observed(self, folder: Path, seed: int, *, identical: bool = False) -> Iterator[Finish]:
        """Clean the stack, and sample it from outside while the generator drives it.

        Args:
            folder: for the probes' samples.
            seed: of the provider's latency.
            identical: whether every call to the provider takes the same time.

        Yields:
            A function of the generator's summary and jobs: it waits until the stack is idle, and returns the record.
        """
        self.stack.reset()
        self._pace(seed, identical=identical)
        folder.mkdir(parents=True, exist_ok=True)
        samples = folder / "samples.ndjson"
        before = machine.calibrate()
        used, provider = processes.cpu_seconds(self.pids), self._provider_cpu()
        began = time.monotonic()

        def finish(summary: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]) -> Replicate:
            self._progress(f"waiting until nothing moves: after {folder.name}")
            self._wait_until_idle()
            took = time.monotonic() - began
            now = processes.cpu_seconds(self.pids)
            self._progress(f"measuring this machine again: after {folder.name}")
            done = replace(
                replicate(summary["profile"], summary, asked, self._stamps()),
                samples=probes.read(samples),
                provider_cpu=(self._provider_cpu() - provider) / took if self.test.provider else None,
                cpu_seconds={role: seconds - used[role] for role, seconds in now.items()},
                calibration=(before, machine.calibrate()),
            )
            self._replicates.append(done)
            write_run_page(folder, self.stack, self.tier, asked, done.samples)
            return done

        with self._leak(), self._probes(samples):
            yield finish

    def run(self, depth: str, *, interrupted: bool = False) -> Run:
        """Everything so far, as a record.

        Args:
            depth: what is to be judged.
            interrupted: whether it is not all there should be; nobody is asked what lives then.
        """
        roles = None if interrupted else self._roles()
        return Run(
            tier=self.tier,
            depth=depth,
            speed=self.speed,
            cores=psutil.cpu_count() or 1,
            row=self.row,
            roles=roles,
            replicates=tuple(self._replicates),
            substrate=self.stack.spec.substrate,
            began=self._began,
            played_again=tuple(self._played_again),
            workload=self.workload,
            connections=None if interrupted else int(self.stack.database.value(_CONNECTIONS)),
            interrupted=interrupted,
        )

    def _roles(self) -> dict[str, LiveRole]:
        found = processes.live(self.stack, self.test, self.row)
        return {role: self._with_limits(role, live) for role, live in found.items()}

    def _with_limits(self, role: str, live: LiveRole) -> LiveRole:
        """Add its peak of memory, from its control group or else from the probes, and how often its quota was used up."""
        group = Cgroup.of(self.pids[role])
        sampled = max((s.memory.get(role, 0) for one in self._replicates for s in one.samples), default=0)
        return replace(
            live,
            memory_peak=(group.memory_peak() if group else None) or sampled or None,
            throttled=group.throttled() if group else None,
        )

    def _pace(self, seed: int, *, identical: bool) -> None:
        """Set the provider's delays, so many times faster, for the expected amount of work."""
        slower = self._mutant.latency if self._mutant else 1.0
        if self.test.pace is not None:
            workload = self.test.traffic.demands.workloads[self.workload]
            self.test.pace(self._provider, workload, self.speed / slower, seed, identical=identical)

    def _started_as(self, tier: str) -> str:
        """The application's tier that is started: for a row of the user's file, its usual tier with other settings."""
        return next(iter(self.test.declared_rows())) if self.test.settings(self.row) else tier

    def _row_of(self, step: str) -> str:
        """A step of the start, which names the tier that is started: for a row of somebody's own only the rest is as of that."""
        started = self._started_as(self.tier)
        named = f"tier {started}"
        return (
            step
            if started == self.tier
            else step.replace(named, f"row {self.tier} (the rest as of {started})", 1)
        )

    def _faults(self) -> dict[str, str]:
        return dict(self._mutant.env(self.row.processes)) if self._mutant else {}

    @property
    def provider_url(self) -> str:
        """The address of the scripted provider; empty where the application has none."""
        return str(self._provider.base_url) if self.test.provider else ""

    @property
    def _provider(self) -> Any:
        """The stack's client of the provider."""
        return self.stack.providers[self.test.provider]

    def _provider_cpu(self) -> float:
        return float(self._provider.totals()["cpu_seconds"]) if self.test.provider else 0.0

    def _wait_until_idle(self) -> None:
        """Return once no work is under way: a stack under load takes longer than one after a scenario."""
        eventually(
            lambda: not self.stack.busy(),
            timeout=IDLE_SECONDS,
            what="an idle stack",
            poll=IDLE_POLL_SECONDS,
            evidence=lambda: f"still moving: {self.stack.busy()}",
        )

    @contextmanager
    def _probes(self, samples: Path) -> Iterator[None]:
        target = probes.Target(
            database_url=self.stack.servers.database_url,
            redis_url=self.stack.servers.redis_url,
            pids=self.pids,
            samples=str(samples),
            making=self.test.making,
            taken=self.test.taken,
            queues={queue: self.stack.app.redis.taken.get(queue, "") for queue in self.stack.app.queues},
        )
        with samples.with_suffix(".log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "harness.load.probes"], stdin=subprocess.PIPE, stderr=log, stdout=log
            )
        assert process.stdin is not None
        try:
            process.stdin.write(msgspec.json.encode(target) + b"\n")
            process.stdin.flush()
            yield
        finally:
            with suppress(OSError):
                process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PROBES_END_SECONDS)
            end(process, PROBES_END_SECONDS)

    @contextmanager
    def _leak(self) -> Iterator[None]:
        """Open connections and keep them, if that is the mutant."""
        if self._mutant is None or not self._mutant.leaks:
            yield
            return
        with Leak(self.stack.servers.database_url):
            yield

    def _tell(self, name: str, began: float, profile: str) -> None:
        """How far it is, at what rate where there is one, and what the slots do."""
        counts, passed = self.stack.database.rows(self.test.progress)[0], time.monotonic() - began
        rate = counts["ended"] / max(passed, 1.0) / self.speed * 3600
        of = f"step {len(self._replicates) + 1} of {self.steps}, " if self.steps else ""
        at = (
            f", {rate:.0f} an hour of {'virtual ' if self.speed != 1 else ''}time"
            if profile in STEADY
            else ""
        )
        self._progress(
            f"{name}: {of}{passed:.0f} s: {counts['ended']} ended{at}; {counts['queued']} waiting, "
            f"{counts['running']} of {self.row.processes[self.test.worker]} slots at work"
        )

    def _stamps(self) -> dict[str, dict[str, Any]]:
        return {str(line["id"]): line for line in self.stack.database.rows(self.test.stamps)}
