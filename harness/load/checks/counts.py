"""Whether what lives is the row of the table: so many processes of each role, on the right queues, taking no more than they do."""

from loadtests.finding import Finding, Outcome
from loadtests.seen import RoleSeen, Row, Run
from loadtests.tiers import Demand

ONE_AT_A_TIME = ("celery_content",)  # a long job that waits in a busy worker's memory could be another's


def counts(run: Run, _: Demand) -> list[Finding]:
    """Live processes by role equal the row."""
    if run.roles is None:
        return [Finding(about="processes", outcome=Outcome.NOT_JUDGED, said="a client cannot see them")]
    return [
        finding
        for role in run.row.processes
        for finding in _role(role, run.roles.get(role, RoleSeen(processes=0)), run.row)
    ]


def _role(role: str, seen: RoleSeen, row: Row) -> list[Finding]:
    expected = row.processes[role]
    found = [_equal(role, "processes", seen.processes, expected)]
    if row.queues[role]:
        found.append(_equal(role, "queues", ", ".join(seen.queues), ", ".join(row.queues[role])))
    if role in ONE_AT_A_TIME:
        found.append(_equal(role, "messages taken at once", seen.prefetch, expected))
    return found


def _equal(role: str, what: str, seen: object, expected: object) -> Finding:
    return Finding(
        about=f"{role}: {what}",
        outcome=Outcome.PASS if seen == expected else Outcome.FAIL,
        said=f"{seen}" if seen == expected else f"{seen}, the row says {expected}",
        role=role,
    )
