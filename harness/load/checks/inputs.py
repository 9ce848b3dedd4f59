"""Whether all data for a verdict is there: a missing or impossible figure must not look like a good one."""

import itertools
import math
from collections.abc import Iterable, Iterator

from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Sentence
from harness.load.locust.profiles import BURST, PREPARATION, PROFILES, WARM_UP
from harness.load.locust.recorder import LAG, merged
from harness.load.record import Job, LiveRole, Replicate, Run

DEPTHS = ("quick", "standard", "full", "client")
REMOTE = "remote"  # the substrate of a deployment that we see only as a client
PATIENCE_SECONDS = 5.0  # seconds between two looks of the probes, on a busy machine
MOST_UNSEEN = 0.1  # share of a replicate's time
LEAST_CPU_SECONDS = 0.001  # CPU seconds of a role over a replicate: a live role uses more
LEAST_MEMORY = 1_000_000  # bytes of a process: no interpreter is smaller

Missing = Iterator[tuple[str, str]]  # name of the field, what is wrong with it


def inputs(run: Run, test: LoadTest) -> list[Sentence]:
    """A sentence for each missing or impossible field: invalid where it should have been measured, else only a note.

    Args:
        run: recorded.
        test: whose run.
    """
    found = [*_of_run(run, test)]
    for number, one in enumerate(run.replicates, 1):
        named = f"replicate {number}: "
        found += [(named + field, said) for field, said in _of_replicate(one, test)]
        if run.roles is not None:
            found += [(named + field, said) for field, said in _of_probes(one, run, test)]
    invalid = [Sentence(about=field, grade=Grade.INVALID, said=said) for field, said in found]
    return invalid if run.roles is not None else [*invalid, *_unseen(run, test)]


def _of_run(run: Run, test: LoadTest) -> Missing:
    yield from _figures(run, ("speed", "cores"), least=1e-9)
    yield from _figures(run.row, ("memory_mb", "pool_size"), least=1e-9)
    if run.depth not in DEPTHS:
        yield "depth", f"{run.depth!r} is none of {', '.join(DEPTHS)}"
    if run.workload not in test.traffic.demands.workloads:
        yield "workload", f"{run.workload!r} is none of {', '.join(test.traffic.demands.workloads)}"
    if run.depth in {"standard", "full"} and not (run.steady() and run.bursts()):
        yield "replicates", f"a {run.depth} check has a steady load and a burst"
    if not run.row.processes or set(run.row.processes) != set(run.row.queues):
        yield "row", "it does not say the processes and queues of each role"
    if run.roles is None:
        if run.substrate != REMOTE:
            yield "roles", "nobody looked what lives, on a stack of our own"
        return
    if not _above(run.connections):
        yield "connections", f"{run.connections}: nobody asked the server how many it allows"
    for role in run.row.processes:
        live = run.roles.get(role)
        if live is not None:
            yield from _of_role(role, live, run, test)


def _of_role(role: str, live: LiveRole, run: Run, test: LoadTest) -> Missing:
    if run.replicates and not _above(live.memory_peak, LEAST_MEMORY * live.processes):
        yield f"{role}: memory_peak", f"{live.memory_peak}: nobody measured it, or not all of it"
    if live.throttled is not None and not _above(live.throttled, 0):
        yield f"{role}: throttled", f"{live.throttled} is no share"
    if test.pool_variable and live.pool_size is None:
        yield f"{role}: pool_size", "nobody was told it"


def _of_replicate(one: Replicate, test: LoadTest) -> Missing:
    yield from _figures(one, ("planned", "seconds", "generator_cpu"), least=1e-9)
    yield from _figures(one, ("began",), least=0)
    if one.profile not in PROFILES:
        yield "profile", f"{one.profile!r} is none of {', '.join(PROFILES)}"
    heard = {(request.kind, request.phase) for request in one.requests if _count(request.histogram) > 0}
    kinds = {kind for kind, phase in heard if phase not in {WARM_UP, PREPARATION}}
    for wanted, found in ((LAG, {kind for kind, _ in heard}), (test.traffic.from_intended, kinds)):
        if wanted not in found:
            yield "requests", f"there is no histogram of {wanted!r}"
    if not any(kind.startswith(test.requests) for kind in kinds):
        yield "requests", f"there is no histogram of {' or '.join(test.requests)}"
    for request in one.requests:
        if not request.phase or not 0 <= request.failures <= _count(request.histogram):
            yield "requests", f"those of {request.kind!r} in phase {request.phase!r} cannot be read"
    if one.profile == BURST and any(job.phase == WARM_UP for job in one.jobs):
        yield "jobs", f"some are of a warm-up, and a {one.profile} has none"
    wrong = [job for job in one.jobs if not _possible(job)]
    if wrong:
        yield "jobs", f"{len(wrong)} of {len(one.jobs)} have stamps that cannot be"


def _of_samples(one: Replicate, run: Run, test: LoadTest) -> Missing:
    if not one.samples:
        yield "samples", "the probes have seen nothing"
    elif not all(math.isfinite(sample.at) for sample in one.samples):
        yield "samples", "nobody knows when they were taken"
    elif (unseen := _unseen_seconds(one)) > MOST_UNSEEN * one.seconds:
        yield "samples", f"for {unseen:.0f} of {one.seconds:.0f} s the probes did not look"
    elif not any(sample.connections for sample in one.samples):
        yield "samples", "the probes have counted no connections"
    elif test.taken and any(sample.taken is None for sample in one.samples):
        yield "samples", "taken: nobody counted the messages that slots have taken"
    elif test.taken and any(
        not set(run.row.queues.get(test.worker, ())) <= sample.messages.keys() for sample in one.samples
    ):
        yield "samples", "messages: nobody counted those that wait for a slot"
    elif nobodys := _never_connected(one, run, test):
        yield "samples", f"the probes have counted no connection of {', '.join(nobodys)}"


def _of_probes(one: Replicate, run: Run, test: LoadTest) -> Missing:
    yield from _of_samples(one, run, test)
    if test.provider and not _above(one.provider_cpu):
        yield "provider_cpu", f"{one.provider_cpu}: nobody measured it"
    if one.calibration is None or not all(_above(reading) for reading in one.calibration):
        yield "calibration", f"{one.calibration}: this machine's speed was not measured before and after"
    for role in run.row.processes:
        if not _above(one.cpu_seconds.get(role), LEAST_CPU_SECONDS):
            yield "cpu_seconds", f"{one.cpu_seconds.get(role)} of {role}: nobody measured it"
    unclaimed = [job for job in one.jobs if job.outcome == test.ended_well and job.claimed is None]
    if unclaimed:
        yield "jobs", f"of {len(unclaimed)} that ended nobody knows when a slot began"


def _unseen_seconds(one: Replicate) -> float:
    """Seconds of the replicate without a look of the probes, beyond the gaps that a busy machine explains."""
    end = one.began + one.seconds
    looks = [one.began, *sorted(sample.at for sample in one.samples if one.began <= sample.at <= end), end]
    return sum(max(after - before - PATIENCE_SECONDS, 0.0) for before, after in itertools.pairwise(looks))


def _never_connected(one: Replicate, run: Run, test: LoadTest) -> list[str]:
    """Roles without any connection in the samples, although each process has a pool size."""
    seen = {name for sample in one.samples for name, count in sample.connections.items() if count > 0}
    return [role for role in run.row.processes if test.pool_variable and role not in seen]


def _unseen(run: Run, test: LoadTest) -> Iterable[Sentence]:
    """The figures that a client cannot see, by name."""
    unseen = {
        "CPU of the scripted provider": not test.provider or all(one.provider_cpu is not None for one in run.replicates),
        "drift of this machine's speed": all(one.calibration is not None for one in run.replicates),
        "Little's law": False,
    }  # fmt: skip
    for about, seen in unseen.items():
        if not seen:
            yield Sentence(about=about, grade=Grade.NOT_JUDGED, said="a client cannot see it")


def _possible(job: Job) -> bool:
    """Whether stamps are numbers in a possible order: no job ends before it begins."""
    stamps = [job.sent, job.accepted, job.claimed, job.completed, job.log_lag]
    if not job.phase or not all(stamp is None or math.isfinite(stamp) for stamp in (job.intended, *stamps)):
        return False
    if job.completed is None:
        return True
    if job.accepted is None or (job.log_lag is not None and job.log_lag < 0):
        return False
    began = job.accepted if job.claimed is None else job.claimed
    return job.accepted <= began <= job.completed and job.intended <= job.completed


def _count(histogram: str) -> int:
    """The number of requests; below 0 where it cannot be read."""
    try:
        return int(merged([histogram]).get_total_count())
    except Exception:  # noqa: BLE001 - whatever a decoder stumbles over
        return -1


def _figures(of: object, names: Iterable[str], *, least: float) -> Missing:
    for name in names:
        value = getattr(of, name)
        if not _above(value, least):
            yield name, f"{value} is no figure that can be"


def _above(value: float | None, least: float = 1e-9) -> bool:
    return value is not None and math.isfinite(value) and value >= least
