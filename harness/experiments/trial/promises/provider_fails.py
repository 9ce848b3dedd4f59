"""A provider answers only with errors: the work ends with a failure, and does not stay unfinished for ever."""

from harness.application import App
from harness.base.wait import WaitTimeoutError, eventually
from harness.evidence.checks.finding import Finding, Outcome
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.stage import RECOVERY_SECONDS, NotPlayedError, Stage

CALLED_SECONDS = 15.0


def play(stage: Stage) -> Finding:
    """Let every provider answer 500, until the work has ended or nothing moves it any more."""
    for provider in stage.stack.providers.values():
        provider.on().reply({"error": "out of order"}, status=500)
    asked = stage.must_ask()
    try:
        eventually(
            lambda: (
                stage.ended(asked.id) or any(provider.calls() for provider in stage.stack.providers.values())
            ),
            timeout=CALLED_SECONDS,
            what="a call of a provider",
        )
    except WaitTimeoutError:
        raise NotPlayedError(f"no provider was called for {stage.work.name} {asked.id}") from None
    if stage.all_end(RECOVERY_SECONDS):
        calls = sum(len(provider.calls()) for provider in stage.stack.providers.values())
        return Finding(
            Outcome.HOLDS,
            (f"{stage.work.name} {asked.id} is {stage.state(asked.id)} after {calls} calls that failed",),
        )
    (entry,) = stage.ledger().entries
    if entry.where or (not entry.failures and stage.tasks(asked.id, "task-retried")):
        return Finding.unknown(
            f"{stage.work.name} {asked.id} is {entry.state} after {RECOVERY_SECONDS:.0f} s and will be tried again: it {entry.where}"
        )
    return stage.ledger().nothing_lost(RECOVERY_SECONDS)


def has_providers(app: App) -> bool:
    """Whether the application has providers."""
    return bool(app.providers)


PROVIDER_FAILS = Promise(
    name="provider-fails",
    sentence="Work whose call to somebody else fails for good comes to an end that says so",
    mend="catch what ends the last attempt, and write the end of the work down; have somebody end what has used up its attempts",
    play=play,
    applies=has_providers,
)
