"""There is no fault: work ends, is done once, and no role logs an error."""

from harness.base.logs import LogLine, joined
from harness.evidence.checks.finding import Finding, Outcome
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.row import judged
from harness.experiments.trial.stage import ENDS_SECONDS, Stage

SHOWN = 3


def play(stage: Stage) -> Finding:
    """One piece of work, from the request to its end."""
    asked = stage.must_ask()
    lost = stage.nothing_lost(ENDS_SECONDS)
    if lost.outcome is not Outcome.HOLDS:
        return lost
    state = stage.state(asked.id)
    if stage.work.done and state not in stage.work.done:
        return judged([f"{stage.work.name} {asked.id} ended as {state}"], "")
    if stage.effects(asked) == 0:
        return judged([f"{stage.work.name} {asked.id} ended as {state}, and did not do what it is for"], "")
    doubled = stage.ledger().nothing_doubled()
    if doubled.outcome is Outcome.VIOLATED:
        return doubled
    return Finding(
        Outcome.HOLDS,
        (f"{stage.work.name} {asked.id} is {state}, accepted as {asked.said.partition(' ')[0]}",),
    )


def quiet(stage: Stage) -> Finding:
    """One piece of work, and the lines that were written meanwhile."""
    stage.must_ask()
    if not stage.all_end(ENDS_SECONDS):
        return Finding.unknown("work did not end; see the promise `undisturbed`")
    said, seen = [], 0
    for name, node in stage.stack.roles.items():
        lines = [*node.log.lines(stage.stack.cursor(name))]
        seen += len(lines)
        found = [
            line
            for line in joined(LogLine.parse(line.text) for line in lines)
            if line.says_error(stage.app.errors)
        ]
        said += [f"{name} says: {line.shown.strip().splitlines()[0][:200]}" for line in found]
    if not seen:
        return Finding.unknown("no role wrote a line")
    return judged(said[:SHOWN], f"none of {seen} lines is of an error")


UNDISTURBED = Promise(
    name="undisturbed",
    sentence="Work that nobody disturbs ends, and is done once",
    mend="look into the logs of the run: nothing was hurt",
    play=play,
)
QUIET = Promise(
    name="quiet",
    sentence="Nobody reports an error while all is well",
    mend="handle the error, or log it as what it is; words of your own are declared by App(errors=[...])",
    play=quiet,
)
