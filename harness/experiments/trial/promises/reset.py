"""The connections of a worker break while it works, as at a failover: the work ends nevertheless."""

from harness.evidence.checks.finding import Finding
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.stage import Stage

SERVERS = ("postgres", "redis")


def play(stage: Stage) -> Finding:
    """Reset the connections to each server in the middle of work; new ones work."""
    for server in SERVERS:
        link = f"{stage.consumer}/{server}"
        if link not in stage.stack.substrate.links:
            continue
        stage.in_flight()
        with stage.faults.inject(stage.fault("Reset", link)):
            pass
        stage.all_end_on_a_platform()
    return stage.nothing_lost()


RESET = Promise(
    name="reset",
    sentence="Work survives that the connections of its worker break",
    mend=(
        "let a task that fails on a broken connection be tried again (autoretry_for, with an end), and have somebody look for work "
        "that is open and in nobody's hands"
    ),
    play=play,
    applies=lambda app: bool(app.queues),
)
