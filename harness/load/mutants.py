"""Faults on purpose: a verdict is reliable only if each fault turns the right check red, and no other.

Each has two forms: on a recorded run, in every test; and live, on a stack with other settings, each night. The settings belong
to the application, so it declares its mutants; the changed recorded runs are made here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from harness.load.record import Job, LiveRole, Replicate, Run, Sample

LEAKED = "leak"
LEAK_EVERY_SECONDS = 2.0
Change = Callable[[Run], Run]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One fault.

    Args:
        name: of it.
        red: the one check that must fail.
        recorded: changes a recorded run as the fault would have done.
        env: settings of the live stack, given the row's processes by role.
        latency: factor for the provider's latency.
        leaks: whether connections are opened and never closed.
    """

    name: str
    red: str
    recorded: Change
    env: Callable[[Mapping[str, int]], Mapping[str, str]] = field(default=lambda _: {})
    latency: float = 1.0
    leaks: bool = False


def half_the_slots(role: str) -> Change:
    """The worker has half its slots, and everything takes it twice as long."""

    def halved(live: LiveRole) -> LiveRole:
        return replace(live, processes=live.processes // 2, prefetch=(live.prefetch or 0) // 2)

    return lambda run: _slower(_role(run, role, halved), role, 2.0)


def greedy(role: str, times: int) -> Change:
    """The role takes a multiple of the messages that it has slots for."""
    return lambda run: _role(run, role, lambda live: replace(live, prefetch=times * live.processes))


def pool_of_one(run: Run) -> Run:
    """Each process may hold one connection."""
    assert run.roles is not None
    return run.having(roles={role: replace(live, pool_size=1) for role, live in run.roles.items()})


def slower(role: str, times: float) -> Change:
    """The role takes so many times longer, as with a slow provider."""
    return lambda run: _slower(run, role, times)


def leaking(run: Run) -> Run:
    """Connections are opened and never closed."""

    def leaked(one: Replicate) -> Replicate:
        samples = (
            replace(sample, connections={**sample.connections, LEAKED: number // 8})
            for number, sample in enumerate(one.samples)
        )
        return replace(one, samples=tuple(samples))

    return run.having(replicates=tuple(map(leaked, run.replicates)))


def one_too_few(role: str) -> Change:
    """A process of the role is missing."""
    return lambda run: _role(run, role, lambda live: replace(live, processes=live.processes - 1))


def _role(run: Run, role: str, change: Callable[[LiveRole], LiveRole]) -> Run:
    assert run.roles is not None
    return run.having(roles={**run.roles, role: change(run.roles[role])})


def _slower(run: Run, role: str, times: float) -> Run:
    """The run as if the worker had taken so many times longer for each job, first come, first served."""
    slots = run.row.processes[role]

    def slowed(one: Replicate) -> Replicate:
        free = [0.0] * slots
        jobs: list[Job] = []
        for job in sorted(one.jobs, key=lambda job: job.accepted or job.sent):
            if not job.done:
                jobs.append(job)
                continue
            free.sort()
            claimed = max(job.accepted or 0.0, free[0])
            free[0] = claimed + job.service * times
            jobs.append(replace(job, claimed=claimed, completed=free[0], logged=free[0]))
        return replace(one, jobs=tuple(jobs), samples=counted_again(one.samples, jobs))

    return run.having(replicates=tuple(map(slowed, run.replicates)))


def counted_again(samples: tuple[Sample, ...], jobs: list[Job]) -> tuple[Sample, ...]:
    """The probes' samples with the changed number of unfinished jobs, as long as there are any.

    Args:
        samples: of the run as it was.
        jobs: as they would have been.
    """
    if not samples:
        return ()
    step = (samples[-1].at - samples[0].at) / max(len(samples) - 1, 1)
    end = max((job.completed or 0 for job in jobs), default=0)
    moments = [samples[0].at + n * step for n in range(int((end - samples[0].at) / step) + 2)]
    return tuple(
        replace(
            samples[min(number, len(samples) - 1)],
            at=at,
            queued=sum((job.accepted or at + 1) <= at < (job.claimed or 0) for job in jobs),
            running=(working := sum((job.claimed or at + 1) <= at < (job.completed or 0) for job in jobs)),
            taken=None if samples[0].taken is None else working,
            messages={queue: len(jobs) for queue in samples[0].messages},
        )
        for number, at in enumerate(moments)
    )
