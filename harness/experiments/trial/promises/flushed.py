"""The broker loses the message of accepted work: the work ends nevertheless."""

from harness.evidence.checks.finding import Finding
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.stage import Stage


def play(stage: Stage) -> Finding:
    """Ask while no worker listens, and flush Redis. The server was started by this run."""
    with stage.frozen():
        stage.message(stage.must_ask())
        with stage.faults.inject(stage.fault("Flushed")):
            pass
    return stage.nothing_lost()


FLUSHED = Promise(
    name="flushed",
    sentence="What was accepted is done, though the broker forgets its message",
    mend="keep what is open in the database, and have somebody publish again what nobody has begun for a while",
    play=play,
    applies=lambda app: bool(app.queues),
)
