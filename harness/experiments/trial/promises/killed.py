"""A worker dies in the middle of work: the work ends nevertheless, and soon."""

from functools import partial

from harness.application import App
from harness.evidence.checks.finding import Finding
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.stage import NotPlayedError, Stage
from harness.system.faults.killed import KillMethod

MEND = (
    "acknowledge late (task_acks_late, task_reject_on_worker_lost), and have somebody look for work that is open and in nobody's "
    "hands: the broker itself gives a message back only after its visibility time-out, an hour by default"
)


def play(stage: Stage, method: KillMethod) -> Finding:
    """Kill the worker that has it, and start it again.

    Args:
        stage: to play on.
        method: what of the worker is killed.
    """
    places = stage.stack.tier.concurrency.get(stage.consumer, 1)
    stage.in_flight(places if method is KillMethod.CHILD else 1)  # any child is at work
    try:
        with stage.faults.inject(stage.fault("Killed", stage.consumer, method)):
            pass
    except LookupError as error:
        raise NotPlayedError(str(error)) from None
    return stage.nothing_lost()


def _of(name: str, method: KillMethod, what: str) -> Promise:
    return Promise(
        name=name,
        sentence=f"Work survives that {what}",
        mend=MEND,
        play=partial(play, method=method),
        applies=_pooled if method is KillMethod.CHILD else lambda app: bool(app.queues),
    )


def _pooled(app: App) -> bool:
    """Whether workers have processes of their own: those of another pool than prefork have none."""
    own = [role for role in app.roles.values() if role.queues]
    others = {"eventlet", "gevent", "threads", "solo", "processes"}
    return bool(own) and not any(
        word.removeprefix("--pool=").removeprefix("-P") in others for role in own for word in role.argv
    )


KILLED_CHILD = _of(
    "killed-child", KillMethod.CHILD, "the process that does it is killed, as for want of memory"
)
KILLED_MAIN = _of("killed-main", KillMethod.MAIN, "the worker's main process is killed")
KILLED_GROUP = _of("killed-group", KillMethod.GROUP, "the whole worker is killed, as with its machine")
