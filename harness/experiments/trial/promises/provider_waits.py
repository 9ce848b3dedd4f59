"""A provider answers slowly: no transaction is held open meanwhile."""

from harness.base.wait import WaitTimeoutError, eventually
from harness.evidence.checks.finding import Finding, Outcome
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.promises.provider_fails import has_providers
from harness.experiments.trial.stage import ENDS_SECONDS, STARTS_SECONDS, NotPlayedError, Stage

ANSWERS_SECONDS = 3.0
HELD_SECONDS = 1.0
HELD = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND state = 'idle in transaction' AND now() - state_change > $1::double precision * interval '1 second'"
)


def play(stage: Stage) -> Finding:
    """Look at PostgreSQL while a provider is slow."""
    for provider in stage.stack.providers.values():
        provider.latency(ANSWERS_SECONDS)
    asked = stage.must_ask()
    held = 0

    def over() -> bool:
        nonlocal held
        held = max(held, int(stage.stack.database.value(HELD, HELD_SECONDS)))
        return held > 0 or stage.ended(asked.id)

    try:
        eventually(
            over,
            timeout=STARTS_SECONDS + ENDS_SECONDS,
            what="the end of work that waits for somebody else",
            poll=0.1,
        )
    except WaitTimeoutError:
        return Finding.unknown(f"{stage.work.name} {asked.id} did not end")
    if not any(provider.calls() for provider in stage.stack.providers.values()):
        raise NotPlayedError(f"no provider was called for {stage.work.name} {asked.id}")
    stage.all_end(ENDS_SECONDS)
    if held:
        return Finding(
            Outcome.VIOLATED,
            (
                f"{held} connections were idle in a transaction for more than {HELD_SECONDS:g} s while a provider was awaited",
            ),
        )
    return Finding(Outcome.HOLDS, (f"no transaction was open while a provider took {ANSWERS_SECONDS:g} s",))


PROVIDER_WAITS = Promise(
    name="provider-waits",
    sentence="No transaction is held open while somebody else is awaited",
    mend="commit before the call, and write down its answer in a transaction of its own",
    play=play,
    applies=has_providers,
)
