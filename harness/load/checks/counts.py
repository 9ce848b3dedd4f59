"""Whether the running roles equal the row of the table: the number of processes, their queues, and the messages that they take at once."""

from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Sentence
from harness.load.locust.demands import Demand
from harness.load.record import LiveRole, Row, Run


def counts(run: Run, _: Demand, test: LoadTest) -> list[Sentence]:
    """Live processes by role equal the row."""
    if run.roles is None:
        return [Sentence(about="processes", grade=Grade.NOT_JUDGED, said="a client cannot see them")]
    return [
        sentence
        for role in run.row.processes
        for sentence in _role(role, run.roles.get(role, LiveRole(processes=0)), run.row, test)
    ]


def _role(role: str, live: LiveRole, row: Row, test: LoadTest) -> list[Sentence]:
    expected = row.processes[role]
    found = [_equal(role, "processes", live.processes, expected)]
    if queues := row.queues.get(role):
        found.append(_equal(role, "queues", ", ".join(live.queues), ", ".join(queues)))
    if role in test.one_at_a_time:  # another worker could do the messages that wait in a busy worker's memory
        found.append(_equal(role, "messages taken at once", live.prefetch, expected))
    return found


def _equal(role: str, what: str, seen: object, expected: object) -> Sentence:
    return Sentence(
        about=f"{role}: {what}",
        grade=Grade.PASS if seen == expected else Grade.FAIL,
        said=f"{seen}" if seen == expected else f"{seen}, the row says {expected}",
        role=role,
    )
