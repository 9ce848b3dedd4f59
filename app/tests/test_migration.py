"""The migration's lock is taken on the first connection that the database lets in."""

import asyncpg
import pytest

from app.core import migration
from app.core.migration import MIGRATION_LOCK, migration_lock


class Opened:
    """A connection that remembers what it was asked."""

    def __init__(self):
        self.asked = []
        self.closed = False

    async def execute(self, *statement):
        self.asked.append(statement)

    async def close(self, *, timeout):  # noqa: ASYNC109 - asyncpg's
        self.closed = True


@pytest.fixture
def attempts(monkeypatch):
    """What becomes of each attempt to connect; the last one again and again."""
    outcomes = []

    async def connect(*_, **__):
        outcome = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(asyncpg, "connect", connect)
    monkeypatch.setattr(migration, "RETRY_SECONDS", 0.01)
    return outcomes


async def test_a_database_that_lets_nobody_in_a_second_time_has_let_us_in(attempts, settings):
    """One connection is all that it takes: between two the database could go."""
    first = Opened()
    attempts += [TimeoutError(), first, TimeoutError()]
    async with migration_lock(settings) as holder:
        assert holder is first
        assert first.asked == [("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)]
        assert not first.closed
    assert first.closed


async def test_a_database_that_lets_nobody_in_is_named_with_the_time_it_had(attempts, settings, caplog):
    attempts += [TimeoutError()]
    impatient = settings.model_copy(update={"database_wait_seconds": 0.1})
    with pytest.raises(TimeoutError, match=r"did not answer within 0\.1 s: check DATABASE_URL"):
        async with migration_lock(impatient):
            pass
    assert "waiting for the database: TimeoutError" in caplog.messages


@pytest.mark.parametrize(
    "refusal",
    [
        asyncpg.TooManyConnectionsError,
        asyncpg.CannotConnectNowError,
        asyncpg.InvalidPasswordError,
        asyncpg.InvalidCatalogNameError,
        asyncpg.AdminShutdownError,
        asyncpg.ConnectionDoesNotExistError,
    ],
)
async def test_a_database_that_refuses_us_is_waited_for_like_one_that_is_away(
    attempts, settings, caplog, refusal
):
    first = Opened()
    attempts += [refusal("no"), first]
    async with migration_lock(settings) as holder:
        assert holder is first
    assert f"waiting for the database: {refusal.__name__}" in caplog.messages
