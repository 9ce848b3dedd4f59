"""Little's law, L = λW: how many are unfinished, counted by the probes, against how long each took, by its stamps.

The database counts its own stamps again: that shows a stamp that is wrong, and not a job that nobody wrote down. The broker knows
nothing of the database, so its messages are the independent count. A message that waits may be there twice, since what nobody
takes is sent again; so all messages are at least as many as what is unfinished, and what slots have taken is exactly as many.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Sentence, valid_at_most
from harness.load.record import Job, Replicate, Run, Sample

MOST_LITTLE = 0.10
LEAST_LOOKS = 100
FEWEST_SAMPLES = 10  # of fewer nothing can be integrated


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One count, and the stamps between which a job is in it.

    Args:
        about: for readers.
        count: of a look; None where nobody counted.
        began: of a job.
        more: whether the count may be larger: then only what is missing is an error.
    """

    about: str
    count: Callable[[Sample], int | None]
    began: Callable[[Job], float | None]
    more: bool = False


def laws(run: Run, test: LoadTest) -> list[Law]:
    """Those that can be held against a run.

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
    """A sentence for each law: the worst error of all replicates. That nobody counted at all is told of in `inputs`.

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
    """How far the count is from rate times time; None where nobody counted, or of too few looks.

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
    looks = passed / float(np.diff(times).mean())  # each at one of them: of few the count is chance
    if looks < LEAST_LOOKS:
        return None
    off = counted / passed - 1
    return max(-off, 0.0) if law.more else abs(off)


def wholes(run: Run) -> list[Replicate]:
    """Parts of one run of the generator put together again: the probes cannot tell whose jobs they count."""
    groups: dict[float, list[Replicate]] = {}
    for one in run.replicates:
        groups.setdefault(one.began, []).append(one)
    return [
        replace(group[0], jobs=tuple(job for one in group for job in one.jobs)) for group in groups.values()
    ]


def _overlap(low: float, high: float, began: float, ended: float) -> float:
    return max(min(high, ended) - max(low, began), 0.0)
