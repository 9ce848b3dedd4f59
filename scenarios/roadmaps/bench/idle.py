"""Counts the commands a minute that an idle worker sends to Redis, because Upstash charges for them."""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from redis import Redis

from harness import Stack, StackSpec, WaitTimeoutError, always, eventually
from harness.base.progress import Progress
from harness.experiments.bench.figure import Figure
from scenarios.roadmaps import flower
from scenarios.roadmaps.services import CONTENT, FLOWER, LOGS

IDLE_SECONDS = 180.0
POLL_SECONDS = 1.0
WORKERS = (LOGS, CONTENT)
MOST_SEEN = 40.0
MOST_UNSEEN = 30.0
NO_FLOWER = {"CELERY_HEARTBEAT_INTERVAL_SECONDS": "0"}
APPEARS_SECONDS = 20.0  # a little more than two heartbeats
# At its start Flower asks for a heartbeat, and shows a worker that answers as online for 10 s; later the worker's own heartbeats count.
SHOWN_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One service, alone with its own Redis.

    Args:
        service: its name.
        how: description of its settings.
        env: its settings.
        most: commands a minute.
    """

    service: str
    how: str = ""
    env: Mapping[str, str] = field(default_factory=dict, hash=False)
    most: float | None = None

    def stack(self, spec: StackSpec) -> StackSpec:
        """The specification of its stack."""
        return replace(spec, env={**spec.env, **self.env}, omit=(), start=(self.service,), own_servers=True)

    @property
    def name(self) -> str:
        return ", ".join(filter(None, ("idle", self.service, self.how)))


SEEN = tuple(Case(service=worker, how="for Flower to see", most=MOST_SEEN) for worker in WORKERS)
CASES = (
    Case(service=FLOWER),  # first, so that its work at the start is over when we count
    *SEEN,
    *(Case(service=worker, how="no Flower", env=NO_FLOWER, most=MOST_UNSEEN) for worker in WORKERS),
)


@dataclass(frozen=True, slots=True)
class Count:
    """The commands that a Redis has got so far, without those of the count itself.

    Args:
        at: time of the count, on the monotonic clock, in seconds.
        calls: command -> number.
    """

    at: float
    calls: Mapping[str, int]

    @classmethod
    def of(cls, redis: Redis) -> "Count":
        """Ask it."""
        found: Mapping[str, Mapping[str, int]] = redis.info("commandstats")
        calls = {name.removeprefix("cmdstat_"): stats["calls"] for name, stats in found.items()}
        calls.pop("info", None)  # sent by earlier counts
        return cls(time.monotonic(), calls)

    def since(self, before: "Count") -> dict[str, float]:
        """Commands a minute since an earlier count, the most frequent first; commands inside a script count too."""
        minutes = (self.at - before.at) / 60
        rates = {name: (count - before.calls.get(name, 0)) / minutes for name, count in self.calls.items()}
        return {
            name: rates[name] for name in sorted(rates, key=rates.__getitem__, reverse=True) if rates[name]
        }


def idle(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Leave each service alone for three minutes, all of them at the same time; then let Flower look at the workers.

    Args:
        rounds: not used; three minutes are longer than every interval of a worker.
        progress: gets the current step.
        spec: of the stacks.
    """
    del rounds
    with contextlib.ExitStack() as running:
        stacks: dict[Case, Stack] = {}
        for number, case in enumerate(CASES, 1):
            progress(f"stack {number} of {len(CASES)}")
            stacks[case] = running.enter_context(Stack(case.stack(spec), "bench"))
        before = {case: Count.of(stack.redis) for case, stack in stacks.items()}
        _leave_alone(stacks, progress)
        for case, stack in stacks.items():
            yield figure_of(case, Count.of(stack.redis).since(before[case]))
        progress("what Flower shows")
        yield _shown([stacks[case] for case in SEEN])


def figure_of(case: Case, rates: Mapping[str, float]) -> Figure:
    """The figure of a case.

    Args:
        case: that was measured.
        rates: command -> number a minute.
    """
    detail = ", ".join(f"{command} {rate:.1f}" for command, rate in rates.items())
    return Figure(
        name=case.name, value=sum(rates.values()), unit="a minute", most=case.most, detail=detail or "silent"
    )


def _leave_alone(stacks: Mapping[Case, Stack], progress: Progress) -> None:
    """Wait, and check that every service runs: an ended service would send nothing and look good."""
    end = time.monotonic() + IDLE_SECONDS

    def alive() -> bool:
        progress(f"nothing happens, for {end - time.monotonic():.0f} s more")
        return all(stack.node(case.service).alive for case, stack in stacks.items())

    always(alive, during=IDLE_SECONDS, what="every service runs", poll=POLL_SECONDS)


def _shown(stacks: Sequence[Stack]) -> Figure:
    """Start Flower beside each worker; the worker counts as online only if Flower shows it so all the time."""
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(_why_not_online, stacks))
    reasons = list(filter(None, found))
    return Figure(
        name="idle, workers that Flower did not show as online",
        value=len(reasons),
        most=0,
        detail="; ".join(reasons) or f"shown within {APPEARS_SECONDS:g} s, and then for {SHOWN_SECONDS:g} s",
    )


def _why_not_online(stack: Stack) -> str:
    def online() -> bool:
        return list(flower.workers(stack).values()) == [True]

    def shown() -> str:
        return f"shown: {flower.workers(stack)}"

    stack.node(FLOWER).start()
    stack.wait_until_ready([FLOWER])
    try:
        eventually(
            online, timeout=APPEARS_SECONDS, what="a worker that is online", poll=POLL_SECONDS, evidence=shown
        )
        always(online, during=SHOWN_SECONDS, what="the worker is online", poll=POLL_SECONDS, evidence=shown)
    except WaitTimeoutError as error:
        return str(error)
    return ""
