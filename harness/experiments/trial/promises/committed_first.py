"""A commit is slow and the broker is fast: no task begins before its row can be seen."""

from harness.evidence.checks.finding import Finding, Outcome
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.row import judged
from harness.experiments.trial.stage import NotPlayedError, Stage

# Seconds, in each direction: a worker has the task long before the commit reaches PostgreSQL.
LATER_SECONDS = 0.4


def play(stage: Stage) -> Finding:
    """Ask while the link to PostgreSQL is slow for the role that is asked, and fast for the worker."""
    link = f"{stage.work.at}/postgres"
    if link not in stage.stack.substrate.links:
        raise NotPlayedError(f"{stage.work.at} has no link to PostgreSQL")
    with stage.faults.inject(stage.fault("Slow", link, LATER_SECONDS)):
        asked = stage.must_ask()
    named = f"{stage.work.name} {asked.id}"
    finding = stage.nothing_lost()
    if finding.outcome is Outcome.UNKNOWN:
        return finding
    lost = finding.facts if finding.outcome is Outcome.VIOLATED else ()
    failed = stage.tasks(asked.id, "task-failed")
    faults = (
        [f"the task of {named} failed while its commit was under way: it began too early"] if failed else []
    )
    return judged([*lost, *faults], f"{named} was begun after its commit, which took its time")


COMMITTED_FIRST = Promise(
    name="committed-first",
    sentence="No task begins before its row can be seen",
    mend="publish after the commit: transaction.on_commit(...) in Django, after session.commit() elsewhere",
    play=play,
    applies=lambda app: bool(app.queues),
)
