"""A worker is deployed while it works, or while work waits for a retry."""

from functools import partial
from typing import Any

from harness.base.wait import WaitTimeoutError, eventually
from harness.evidence.checks.finding import Finding
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.stage import STARTS_SECONDS, Stage

FAILED = 500


def play(stage: Stage) -> Finding:
    """Send SIGTERM in the middle of work; if the work calls a provider, send it also while it waits for a retry."""
    stage.in_flight()
    with stage.faults.inject(stage.fault("Restarted", stage.consumer)):
        pass
    for provider in stage.stack.providers.values():
        provider.on().reply({}, status=FAILED, times=1)
        asked = stage.must_ask()
        try:
            eventually(partial(_failed, provider), timeout=STARTS_SECONDS, what="a call that fails")
        except WaitTimeoutError:
            continue  # this kind of work does not call the provider
        if not stage.ended(asked.id):
            with stage.faults.inject(stage.fault("Restarted", stage.consumer)):
                pass
    return stage.nothing_lost()


def _failed(provider: Any) -> bool:
    return any(call.status == FAILED for call in provider.calls())


DEPLOYED = Promise(
    name="deployed",
    sentence="Work survives a deploy, in its middle and while it waits to be tried again",
    mend="what waits must not wait in a process's memory: use a message with a countdown, or a row with the time at which it is due",
    play=play,
    applies=lambda app: bool(app.queues),
)
