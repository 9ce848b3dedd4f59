"""A message comes again after its work has ended, as it does where a worker dies before it has acknowledged."""

from harness.evidence.checks.finding import Finding, Outcome
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.stage import ENDS_SECONDS, STARTS_SECONDS, Stage


def play(stage: Stage) -> Finding:
    """Keep a copy of the message, and send it again when all work has ended."""
    with stage.frozen():
        asked = stage.must_ask()
        kept = stage.message(asked)
    if not stage.all_end(ENDS_SECONDS):
        return Finding.unknown("work did not end; see the promise `undisturbed`")
    stage.settle()
    before = stage.finished(asked)
    stage.stack.redis.lpush(*kept)
    if not stage.wait(lambda: stage.finished(asked) > before, STARTS_SECONDS):
        return Finding.unknown(
            "the message that came again was not seen to be worked off: does the worker run with -E?"
        )
    finding = stage.ledger().nothing_doubled()
    if finding.outcome is Outcome.HOLDS:
        return Finding(
            Outcome.HOLDS, (f"the message of {stage.work.name} {asked.id} came twice, and it was done once",)
        )
    return finding


DELIVERED_TWICE = Promise(
    name="delivered-twice",
    sentence="A message that comes again after its work has ended does nothing",
    mend="look at the state of the work before anything is done for it, in the same transaction that claims it",
    play=play,
    applies=lambda app: bool(app.queues),
)
