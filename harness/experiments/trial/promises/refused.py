"""The role that is asked cannot reach the broker: the client gets an answer soon, and the answer is true."""

from harness.evidence.checks.finding import Finding, Outcome
from harness.experiments.trial.orphans import Rows
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.row import judged
from harness.experiments.trial.stage import Asked, NotPlayedError, Stage

ANSWER_SECONDS = 10.0


def play(stage: Stage) -> Finding:
    """Ask while the broker refuses connections of the role that is asked."""
    rows = Rows.learn(stage)
    link = f"{stage.work.at}/redis"
    if link not in stage.stack.substrate.links:
        raise NotPlayedError(f"{stage.work.at} has no link to Redis")
    with stage.faults.inject(stage.fault("Refused", link)):
        asked = stage.ask()
    return told_the_truth(stage, rows, asked, "the broker was away")


def told_the_truth(stage: Stage, rows: Rows, asked: Asked, meanwhile: str) -> Finding:
    """Judge whether a client's answer during a fault was true.

    Args:
        stage: that was played on, healed.
        rows: as they were before.
        asked: by the client.
        meanwhile: what was hurt, in words.
    """
    slow = (
        [f"the client waited {asked.seconds:.0f} s while {meanwhile}: {asked.said}"]
        if asked.seconds > ANSWER_SECONDS
        else []
    )
    if asked.id:
        finding = stage.nothing_lost()
        if finding.outcome is Outcome.UNKNOWN:
            return finding
        lost = finding.facts if finding.outcome is Outcome.VIOLATED else ()
        state = stage.state(asked.id)
        return judged([*slow, *lost], f"accepted while {meanwhile}, and {state} once that was over")
    left = rows.left(stage)
    if left is None and not slow:
        return Finding.unknown(
            f"the client was told {asked.said}; whether a row is left is not known, for the id of an accepted {stage.work.name} stands "
            "in no table: state=... would have to be SQL"
        )
    orphans = [f"orphan: {row}, and its client was told: {asked.said}" for row in left or ()]
    return judged(
        [*slow, *orphans], f"the client was told {asked.said} while {meanwhile}, and nothing was left behind"
    )


REFUSED = Promise(
    name="refused",
    sentence="A client that cannot be served, since the broker is away, is told so soon, and leaves nothing behind",
    mend=(
        "commit the row and publish from an outbox, so that the client is told the truth either way; give publishing a time-out "
        "(retry=False, or socket_connect_timeout and max_retries of the transport)"
    ),
    play=play,
    applies=lambda app: bool(app.queues),
)
