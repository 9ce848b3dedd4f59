"""Work takes longer than the broker's visibility time-out: its message is delivered to a second worker, and nothing is done twice."""

from contextlib import ExitStack
from functools import partial

from harness.evidence.checks.finding import Finding, Outcome
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.stage import RECOVERY_SECONDS, Stage

COMES_SECONDS = 30.0  # a worker that starts looks for such messages after ten
TAKES_SECONDS = 10.0
OVER = {"task-succeeded", "task-failed"}


def play(stage: Stage) -> Finding:
    """Freeze the worker that has it, age its message, and start another worker."""
    (asked,) = stage.in_flight()
    aged = stage.fault("Aged")
    with ExitStack() as spare:
        with stage.frozen():
            aged.inject(stage.stack)
            if not aged.trace(stage.stack):
                return Finding(
                    Outcome.HOLDS,
                    ("the message is acknowledged before its task runs: nothing is delivered again",),
                )
            task = stage.tasks(asked.id, "task-started")[-1]["task"] if stage.tasks(asked.id) else ""
            spare.enter_context(stage.spare())
            if not stage.wait(partial(_twice, stage, task), COMES_SECONDS):
                return Finding.unknown(
                    f"no worker was seen to take the message again within {COMES_SECONDS:.0f} s: "
                    "does the worker run with -E, and do task= and by= say which task holds the id?"
                )
            stage.wait(partial(_over, stage, task), TAKES_SECONDS)
        stage.all_end(RECOVERY_SECONDS)
        stage.settle()
        finding = stage.ledger().nothing_doubled()
    if finding.outcome is Outcome.HOLDS:
        return Finding(
            Outcome.HOLDS,
            (f"{stage.work.name} {asked.id} was delivered to two workers at once, and done once",),
        )
    return finding


def _twice(stage: Stage, task: object) -> bool:
    """Whether a task was received more than once."""
    return len([event for event in stage.tasks(kind="task-received") if event["task"] == task]) > 1


def _over(stage: Stage, task: object) -> bool:
    """Whether a task has come to an end, whichever."""
    return any(event["task"] == task and event["type"] in OVER for event in stage.tasks())


AGED = Promise(
    name="aged",
    sentence="Work that is delivered to a second worker, since it took long, is not done twice",
    mend=(
        "let whoever does work hold a claim of it, such as a row's lease or an advisory lock, and refuse who has none; "
        "visibility_timeout must be longer than the longest task"
    ),
    play=play,
    applies=lambda app: bool(app.queues),
)
