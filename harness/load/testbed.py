"""A testbed: a stack at one tier, the generator against it, the probes around it, and a recorded run as the result."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from harness.load.declaration import LoadTest
from harness.load.generator_client import Plan, generate
from harness.load.leak import Leak
from harness.load.mutants import Mutant
from harness.load.record import LiveRole, Replicate, Row, Run
from harness.stack.stack import Stack
from harness.substrates.choice import spec_on

Finish = Callable[[Mapping[str, Any], Sequence[Mapping[str, Any]]], Replicate]
EMBEDDED = "embedded"  # every machine has it
IDLE_SECONDS = 120.0
PROBES_END_SECONDS = 10.0
IDLE_POLL_SECONDS = 0.005


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
    """

    __test__ = False  # whatever its name looks like to pytest

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
    ) -> None:
        self.test = test
        self.tier = tier
        self.row: Row = test.rows()[tier]
        self.speed = speed
        self._folder = folder
        self._progress = progress
        self._mutant = mutant
        self._began = time.time()
        self._replicates: list[Replicate] = []
        self._played_again: list[str] = []
        self.stack = Stack(
            replace(spec_on(tier, substrate), env={**(env or {}), **self._faults()}),
            "load",
            lambda step: progress(f"{tier}: starting {step}"),
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
    ) -> Replicate:
        """One run of the generator on a stack as if new.

        Args:
            profile: of the load.
            seconds: of the world, for which there are arrivals.
            seed: of arrivals and of the provider's latency.
            rate: an hour; 0 for the tier's.
            at_once: of a burst; 0 for the tier's.
            readers: people who browse; -1 for the tier's.
            identical: whether every call to the provider takes the same time.

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
            )
            return finish(*generate(self.test, plan, folder, lambda: self._tell(name)))

    def forget(self, reason: str) -> None:
        """Leave the last replicate out, which will be played again.

        Args:
            reason: for the record.
        """
        self._replicates.pop()
        self._played_again.append(reason)
        self._progress(f"{self.tier}: played again: {reason}")

    @contextmanager
    def observed(self, folder: Path, seed: int, *, identical: bool = False) -> Iterator[Finish]:
        """Make the stack as if new, and look at it from outside while somebody drives it.

        Args:
            folder: for the probes' samples.
            seed: of the provider's latency.
            identical: whether every call to the provider takes the same time.

        Yields:
            To be called with the generator's summary and what it asked for: waits until the stack is idle, and answers the record.
        """
        self.stack.reset()
        self._pace(seed, identical=identical)
        folder.mkdir(parents=True, exist_ok=True)
        samples = folder / "samples.ndjson"
        before = machine.calibrate()
        used, provider = processes.cpu_seconds(self.pids), self._provider_cpu()
        began = time.monotonic()

        def finish(summary: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]) -> Replicate:
            self._wait_until_idle()
            took = time.monotonic() - began
            now = processes.cpu_seconds(self.pids)
            done = replace(
                replicate(summary["profile"], summary, asked, self._stamps()),
                samples=probes.read(samples),
                provider_cpu=(self._provider_cpu() - provider) / took if self.test.provider else None,
                cpu_seconds={role: seconds - used[role] for role, seconds in now.items()},
                calibration=(before, machine.calibrate()),
            )
            self._replicates.append(done)
            return done

        with self._leak(), self._probes(samples):
            yield finish

    def run(self, depth: str) -> Run:
        """Everything so far, as a record.

        Args:
            depth: what is to be judged.
        """
        roles = {
            role: self._with_limits(role, live)
            for role, live in processes.live(self.stack, self.test, self.row).items()
        }
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
        )

    def _with_limits(self, role: str, live: LiveRole) -> LiveRole:
        """With its peak of memory, of its control group or else of what the probes saw, and how often its quota was used up."""
        group = Cgroup.of(self.pids[role])
        sampled = max((s.memory.get(role, 0) for one in self._replicates for s in one.samples), default=0)
        return replace(
            live,
            memory_peak=(group.memory_peak() if group else None) or sampled or None,
            throttled=group.throttled() if group else None,
        )

    def _pace(self, seed: int, *, identical: bool) -> None:
        """Let the provider take its time, so many times faster, for as much work as there should be."""
        slower = self._mutant.latency if self._mutant else 1.0
        if self.test.pace is not None:
            workload = self.test.traffic.demands.workload
            self.test.pace(self._provider, workload, self.speed / slower, seed, identical=identical)

    def _faults(self) -> dict[str, str]:
        return dict(self._mutant.env(self.row.processes)) if self._mutant else {}

    @property
    def provider_url(self) -> str:
        """Of the scripted provider; none where the application has none."""
        return str(self._provider.base_url) if self.test.provider else ""

    @property
    def _provider(self) -> Any:
        """The stack's client of it."""
        return self.stack.providers[self.test.provider]

    def _provider_cpu(self) -> float:
        return float(self._provider.totals()["cpu_seconds"]) if self.test.provider else 0.0

    def _wait_until_idle(self) -> None:
        """Return once nothing moves: a stack under load takes longer than one after a scenario."""
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
            process.stdin.close()
            process.wait(PROBES_END_SECONDS)

    @contextmanager
    def _leak(self) -> Iterator[None]:
        """Open connections and keep them, if that is the fault."""
        if self._mutant is None or not self._mutant.leaks:
            yield
            return
        with Leak(self.stack.servers.database_url):
            yield

    def _tell(self, name: str) -> None:
        counts = self.stack.database.rows(self.test.progress)[0]
        self._progress(
            f"{name}: {counts['ended']} ended, {counts['running']} running, {counts['queued']} waiting"
        )

    def _stamps(self) -> dict[str, dict[str, Any]]:
        return {str(line["id"]): line for line in self.stack.database.rows(self.test.stamps)}
