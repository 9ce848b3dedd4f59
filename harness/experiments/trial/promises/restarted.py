"""Redis is restarted: workers come back to it by themselves."""

from harness.application import REDIS
from harness.evidence.checks.finding import Finding
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.promises.two_beats import beats
from harness.experiments.trial.row import judged
from harness.experiments.trial.stage import RECOVERY_SECONDS, Stage


def play(stage: Stage) -> Finding:
    """Restart it while nothing is under way, and ask for work.

    A worker that holds a message at that moment may end: Celery 5.7 gives the message back over the connection that is gone.
    That work survives it is what `reset` promises.
    """
    with stage.quiet(beats(stage.app)), stage.faults.inject(stage.fault("Restarted", REDIS)):
        pass
    came = stage.comes_back()
    nodes = {name: stage.stack.node(name) for name in stage.app.roles}
    down = [
        f"{name} has ended (exit code {node.returncode})" for name, node in nodes.items() if not node.alive
    ]
    faults = (
        []
        if came
        else [
            f"no {stage.work.name} that was asked for after the restart ended within {RECOVERY_SECONDS:.0f} s",
            *down,
        ]
    )
    return judged(faults or down, f"a {stage.work.name} that was asked for after a restart of Redis ended")


RESTARTED = Promise(
    name="restarted",
    sentence="After a restart of Redis workers consume again",
    mend="leave broker_connection_retry on, and give the transport time-outs (socket_timeout, socket_keepalive, health_check_interval)",
    play=play,
    applies=lambda app: bool(app.queues),
)
