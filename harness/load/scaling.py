"""Whether the rows scale with their slots: two and four slots do two and four times as much work as one."""

from collections.abc import Sequence

from harness.load.checks.drain import drained
from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Judgement, Sentence
from harness.load.record import Run
from harness.load.stats import Interval
from harness.load.verdict import Verdict

TOLERANCE = 0.10


def throughput(run: Run) -> float:
    """Jobs a second (in the world's time) during the drain of a burst; 0 where there was no burst, or a job never ended."""
    rates = [
        len(one.jobs) / drained(one)
        for one in run.bursts()
        if one.jobs and all(job.completed is not None for job in one.jobs)
    ]
    return max(rates, default=0.0) / run.speed


def scaling(runs: Sequence[Run], verdicts: Sequence[Verdict], test: LoadTest) -> Judgement:
    """Compare each run's throughput with the first one's, by their slots; not if a run is invalid, or is not its row."""
    unfit = [
        verdict.tier
        for verdict in verdicts
        if verdict.of("valid").grade is Grade.INVALID or verdict.of("counts").grade is Grade.FAIL
    ]
    runs = [run.counting(test.ended_well) for run in runs]
    without = [run.tier for run in runs if not run.bursts()]
    if unfit or without or len(runs) < 2:  # noqa: PLR2004 - a ratio takes two
        said = f"the run of {', '.join(unfit)} says nothing" if unfit else "it takes the bursts of two tiers"
        sentence = Sentence(about="rows against each other", grade=Grade.NOT_JUDGED, said=said)
        return Judgement(check="scaling", sentences=(sentence,))
    first = runs[0]
    found = []
    for run in runs[1:]:
        expected = run.row.processes[test.worker] / first.row.processes[test.worker]
        ratio = throughput(run) / throughput(first) if throughput(first) else 0.0
        grade = Grade.PASS if abs(ratio / expected - 1) <= TOLERANCE else Grade.FAIL
        found.append(
            Sentence(
                about=f"{run.tier} against {first.tier}",
                grade=grade,
                said=f"{ratio:.2f} times the {test.nouns}, {expected:g} times the slots (within {TOLERANCE:.0%})",
                role=test.worker,
                measured=Interval(ratio, ratio, ratio, 1),
                limit=expected,
            )
        )
    return Judgement(check="scaling", sentences=tuple(found))
