"""Little's law, L = λW: the number of unfinished jobs by the probes, compared with the time of each by its stamps.

The database counts its own stamps again: that shows a wrong stamp, but not a job that was never recorded. The broker knows
nothing of the database, so its messages are an independent count. A waiting message may be there twice, because messages that
nobody takes are sent again. So all messages are at least as many as the unfinished jobs, and the messages that slots have taken
are exactly as many.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Sentence, valid_at_most
from harness.load.record import Job, Replicate, Run, Sample

MOST_LITTLE = 0.10
LEAST_LOOKS = 100
FEWEST_SAMPLES = 10  # samples: with fewer, nothing can be integrated


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One count, and the stamps between which a job counts.

    Args:
        about: for readers.
        count: the count of one look; None where there is none.
        began: of a job.
        more: whether the count may be larger: then only missing ones are an error.
    """

    about: str
    count: Callable[[Sample], int | None]
    began: Callable[[Job], float | None]
    more: bool = False


def laws(run: Run, test: LoadTest) -> list[Law]:
    """The laws that can be checked for a run.

    Args:
        run: recorded.
        test: says whether the broker's messages can be counted.
    """
    found = [
        Law(
            about="Little's law, error, counted by the database",
            count=lambda sample: sample.queued + sample.running,
            began=lambda job: job.accepted,
        )
    ]
    if test.taken:
        queues = run.row.queues.get(test.worker, ())

        def messages(sample: Sample) -> int | None:
            if sample.taken is None or not set(queues) <= sample.messages.keys():
                return None
            return sample.taken + sum(sample.messages[queue] for queue in queues)

        found += [
            Law(
                about="Little's law, error, counted by the messages that slots have taken",
                count=lambda sample: sample.taken,
                began=lambda job: job.claimed,
            ),
            Law(
                about="Little's law, missing, counted by all messages",
                count=messages,
                began=lambda job: job.accepted,
                more=True,
            ),
        ]
    return found


def little(run: Run, test: LoadTest) -> Iterator[Sentence]:
    """A sentence for each law: the worst error of all replicates. `inputs` reports a missing count.

    Args:
        run: recorded, on a stack of our own.
        test: whose run.
    """
    ones = wholes(run)
    for law in laws(run, test):
        errors = [error for error in (little_error(one, law) for one in ones) if error is not None]
        if errors:
            yield valid_at_most(law.about, max(errors), MOST_LITTLE, "%")
        else:
            said = "of so few looks at so few jobs the count is chance"
            yield Sentence(about=law.about, grade=Grade.NOT_JUDGED, said=said)


def little_error(one: Replicate, law: Law) -> float | None:
    """The difference between the count and rate times time; None without a count, or with too few looks.

    Args:
        one: a replicate, whole.
        law: which count.
    """
    spans = [(law.began(job), job.completed) for job in one.jobs]
    known = [(began, ended) for began, ended in spans if began is not None and ended is not None]
    if not known:
        return None
    first, last = min(began for began, _ in known), max(ended for _, ended in known)
    inside = [sample for sample in one.samples if first <= sample.at <= last]
    counts = [count for count in map(law.count, inside) if count is not None]
    if len(inside) < FEWEST_SAMPLES or len(counts) < len(inside):
        return None
    times = np.array([sample.at for sample in inside])
    counted = float(np.trapezoid(np.array(counts, dtype=float), times))
    passed = sum(_overlap(began, ended, times[0], times[-1]) for began, ended in known)
    looks = passed / float(np.diff(times).mean())  # jobs and looks: with few of them the count is chance
    if looks < LEAST_LOOKS:
        return None
    off = counted / passed - 1
    return max(-off, 0.0) if law.more else abs(off)


def wholes(run: Run) -> list[Replicate]:
    """Join the parts of one run of the generator again: the probes count the jobs of all parts together."""
    groups: dict[float, list[Replicate]] = {}
    for one in run.replicates:
        groups.setdefault(one.began, []).append(one)
    return [
        replace(group[0], jobs=tuple(job for one in group for job in one.jobs)) for group in groups.values()
    ]


def _overlap(low: float, high: float, began: float, ended: float) -> float:
    return max(min(high, ended) - max(low, began), 0.0)
