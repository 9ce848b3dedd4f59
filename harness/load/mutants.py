"""Faults on purpose: a verdict is worth something only if each of them turns the right check red, and no other.

Each has two forms: on a recorded run, in every test; and live, on a stack with other settings, each night.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from harness.load.record import Job, LiveRole, Replicate, Run, Sample

LEAKED = "leak"
LEAK_EVERY_SECONDS = 2.0
SLOWER = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One fault.

    Args:
        name: of it.
        red: the one check that must fail.
        recorded: what a recorded run would have been.
        env: settings of the live stack, given the row's processes by role.
        latency: the provider's, times.
        leaks: whether somebody opens connections and keeps them.
    """

    name: str
    red: str
    recorded: Callable[[Run], Run]
    env: Callable[[Mapping[str, int]], Mapping[str, str]] = field(default=lambda _: {})
    latency: float = 1.0
    leaks: bool = False


def _role(run: Run, role: str, change: Callable[[LiveRole], LiveRole]) -> Run:
    assert run.roles is not None
    return run.having(roles={**run.roles, role: change(run.roles[role])})


def _half_the_slots(run: Run) -> Run:
    def halved(seen: LiveRole) -> LiveRole:
        return replace(seen, processes=seen.processes // 2, prefetch=(seen.prefetch or 0) // 2)

    return _slower(_role(run, "celery_content", halved), 2.0)


def _prefetch(run: Run) -> Run:
    return _role(run, "celery_content", lambda seen: replace(seen, prefetch=4 * seen.processes))


def _tiny_pool(run: Run) -> Run:
    assert run.roles is not None
    return run.having(roles={role: replace(seen, pool_size=1) for role, seen in run.roles.items()})


def _slow_provider(run: Run) -> Run:
    return _slower(run, SLOWER)


def _leak(run: Run) -> Run:
    def leaking(one: Replicate) -> Replicate:
        def sample(number: int, seen: Sample) -> Sample:
            return replace(seen, connections={**seen.connections, LEAKED: number // 8})

        return replace(one, samples=tuple(sample(n, seen) for n, seen in enumerate(one.samples)))

    return run.having(replicates=tuple(map(leaking, run.replicates)))


def _one_api_process_too_few(run: Run) -> Run:
    return _role(run, "api", lambda seen: replace(seen, processes=seen.processes - 1))


def _slower(run: Run, times: float) -> Run:
    """As if the content worker had taken so many times longer for each roadmap, first come, first served."""
    slots = run.row.processes["celery_content"]

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
        return replace(one, jobs=tuple(jobs), samples=_counted_again(one.samples, jobs))

    return run.having(replicates=tuple(map(slowed, run.replicates)))


def _counted_again(samples: tuple[Sample, ...], jobs: list[Job]) -> tuple[Sample, ...]:
    """The probes' samples, with the roadmaps in the making as they would have been, for as long as there were any."""
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
            running=sum((job.claimed or at + 1) <= at < (job.completed or 0) for job in jobs),
        )
        for number, at in enumerate(moments)
    )


MUTANTS = {
    mutant.name: mutant
    for mutant in (
        Mutant(
            name="half-the-content-slots",
            red="counts",
            recorded=_half_the_slots,
            env=lambda row: {"CELERY_CONTENT_CONCURRENCY": str(max(row["celery_content"] // 2, 1))},
        ),
        Mutant(
            name="prefetch-4",
            red="counts",
            recorded=_prefetch,
            env=lambda _: {"CELERY_WORKER_PREFETCH_MULTIPLIER": "4"},  # click's, of the option of that name
        ),
        Mutant(
            name="pool-of-1", red="budgets", recorded=_tiny_pool, env=lambda _: {"DATABASE_POOL_SIZE": "1"}
        ),
        Mutant(name="slow-provider", red="objectives", recorded=_slow_provider, latency=SLOWER),
        Mutant(name="leaked-connections", red="budgets", recorded=_leak, leaks=True),
        Mutant(
            name="one-api-process-too-few",
            red="counts",
            recorded=_one_api_process_too_few,
            env=lambda row: {"UVICORN_WORKERS": str(row["api"] - 1)},
        ),
    )
}
