"""Redis answers, and refuses to write: its memory is used up, or it has become a replica. Clients are told what is true."""

from harness.evidence.checks.finding import Finding, Outcome
from harness.experiments.trial.orphans import Rows
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.promises.refused import told_the_truth
from harness.experiments.trial.stage import Stage

FAULTS = {"Full": "Redis was full", "ReadOnly": "Redis was a replica, which takes no writes"}


def play(stage: Stage) -> Finding:
    """Ask during each of both. Workers may end because of Redis' errors, and are started again, as a platform does."""
    found = []
    for kind, meanwhile in FAULTS.items():
        rows = Rows.learn(stage)
        with stage.faults.inject(stage.fault(kind)):
            asked = stage.ask()
        stage.all_end_on_a_platform()
        found.append(told_the_truth(stage, rows, asked, meanwhile))
    for outcome in (Outcome.VIOLATED, Outcome.UNKNOWN):
        if any(finding.outcome is outcome for finding in found):
            return Finding(
                outcome, tuple(f for finding in found if finding.outcome is outcome for f in finding.facts)
            )
    return Finding(Outcome.HOLDS, tuple(fact for finding in found for fact in finding.facts))


REFUSES_WRITES = Promise(
    name="refuses-writes",
    sentence="A client is told the truth, soon, while Redis refuses to write: it is full, or a replica",
    mend=(
        "commit the row and publish from an outbox, for which whatever publishing raises means later; and have the platform start a "
        "worker again that has ended by READONLY"
    ),
    play=play,
    applies=lambda app: bool(app.queues),
)
