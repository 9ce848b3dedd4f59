"""Redis is restarted: workers come back to it by themselves."""

import contextlib
from collections.abc import Iterator

from harness.application import REDIS
from harness.evidence.checks.finding import Finding
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.promises.two_beats import beats
from harness.experiments.trial.row import judged
from harness.experiments.trial.stage import RECOVERY_SECONDS, SETTLES_SECONDS, NotPlayedError, Stage


def play(stage: Stage) -> Finding:
    """Restart it while nothing is under way, and ask for work.

    A worker that holds a message at that moment may end: Celery 5.7 gives the message back over the connection that is gone.
    That work survives it is what `reset` promises.
    """
    with _quiet(stage), stage.faults.inject(stage.fault("Restarted", REDIS)):
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


@contextlib.contextmanager
def _quiet(stage: Stage) -> Iterator[None]:
    """Have nothing under way as long as the context lasts: what sends tasks by the clock is frozen, and what it sent has ended.

    Raises:
        NotPlayedError: work was under way all the time.
    """
    frozen = [stage.stack.node(name) for name in beats(stage.app)]
    for node in frozen:
        node.pause()
    try:
        if not stage.wait(lambda: not stage.under_way, SETTLES_SECONDS):
            raise NotPlayedError("work that nobody had asked for was under way all the time")
        yield
    finally:
        for node in frozen:
            if node.alive:
                node.resume()


RESTARTED = Promise(
    name="restarted",
    sentence="After a restart of Redis workers consume again",
    mend="leave broker_connection_retry on, and give the transport time-outs (socket_timeout, socket_keepalive, health_check_interval)",
    play=play,
    applies=lambda app: bool(app.queues),
)
