"""A day's budget: a user who has spent it is refused, and so is each further call for an unfinished roadmap."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, func, select, text, update

from app.models import generation_steps, provider_spending, roadmap_requests, users
from app.roadmaps import control, lease
from app.roadmaps.answer import Answer, Cost, ProviderError
from app.roadmaps.budget import Budget, BudgetSpentError, seconds_left
from app.roadmaps.prices import Prices
from app.roadmaps.steps import StepKey, Steps
from app.roadmaps.sweeper import Sweeper
from app.tests.memory import ScriptedProvider

pytestmark = [pytest.mark.e2e, pytest.mark.once]
CALLS = 8  # of a roadmap of two concepts
A_CALL = Decimal(10 * 1 + 20 * 1) / 1_000_000  # 10 and 20 tokens, at a dollar for a million of either


def dear(product, **budget):
    return product.other(openai_prompt_price=1.0, openai_completion_price=1.0, **budget)


async def spent(product):
    async with product.engine.connect() as connection:
        rows = await connection.execute(select(provider_spending.c.calls, provider_spending.c.cost_usd))
        return [tuple(row) for row in rows]


async def checked(product, user, **budget):
    async with product.engine.connect() as connection:
        await Budget.of(product.other(**budget).settings).check(connection, user.user_id)


async def test_what_a_user_has_spent_is_written_down_and_outlives_the_account(product):
    product, user = dear(product), await product.user()
    for _ in range(2):
        await product.generator(ScriptedProvider()).attempt(await product.accept(user))
    assert await spent(product) == [(2 * CALLS, 2 * CALLS * A_CALL)]
    async with product.engine.begin() as connection:
        await connection.execute(delete(users))
    assert await spent(product) == [(2 * CALLS, 2 * CALLS * A_CALL)]


async def cancelled(product, connection, roadmap, user):
    await control.cancel(connection, roadmap, user.user_id, product.grace)


async def deleted(_product, connection, roadmap, user):
    assert await control.remove(connection, roadmap, user.user_id)


async def deleted_with_its_account(_product, connection, _roadmap, user):
    await connection.execute(delete(users).where(users.c.id == user.user_id))


async def taken_over(_product, connection, roadmap, _user):
    newer = update(roadmap_requests).values(fence=roadmap_requests.c.fence + 1)
    await connection.execute(newer.where(roadmap_requests.c.id == roadmap))


class Interrupted(ScriptedProvider):
    """A provider that runs some code while its first call is under way."""

    def __init__(self, meanwhile, *script):
        super().__init__(*script)
        self._meanwhile = meanwhile

    async def ask(self, *asked):
        await self._meanwhile()
        return await super().ask(*asked)


@pytest.mark.parametrize("unusable", [False, True], ids=["answered", "unusable"])
@pytest.mark.parametrize("what", [cancelled, deleted, deleted_with_its_account, taken_over])
async def test_a_call_is_paid_for_by_who_asked_whatever_became_of_the_roadmap_meanwhile(
    product, what, unusable
):
    """Otherwise neither budget would limit a user who cancels each roadmap in time."""
    product, user = dear(product), await product.user()
    roadmap = await product.accept(user)

    async def meanwhile():
        async with product.engine.begin() as connection:
            await what(product, connection, roadmap, user)

    refused = ProviderError("invalid_output", "No JSON.", transient=False, cost=Cost(10, 20))
    provider = Interrupted(meanwhile, lambda *_: refused if unusable else None)
    await product.generator(provider).attempt(roadmap)
    assert sum(provider.calls.values()) == 1
    assert await spent(product) == [(1, A_CALL)]
    with pytest.raises(BudgetSpentError):
        await checked(product, user, openai_daily_budget_per_user_usd=float(A_CALL))
    with pytest.raises(BudgetSpentError):
        await checked(product, await product.user(), openai_daily_budget_usd=float(A_CALL))


class CutOff(ScriptedProvider):
    """A provider that never answers its second call."""

    def __init__(self):
        super().__init__()
        self.asked = asyncio.Event()

    async def ask(self, *asked):
        answer = await super().ask(*asked)
        if sum(self.calls.values()) > 1:
            self.asked.set()
            await asyncio.sleep(600)
        return answer


def at_most(product):
    """The cost at which a call of unknown cost is booked."""
    return Budget.of(product.settings).a_call


async def test_a_call_that_a_stop_cuts_off_counts_with_the_most_it_may_have_cost(product):
    """The roadmap's own cost has what was told, and nothing else."""
    product, user = dear(product), await product.user()
    roadmap, provider = await product.accept(user), CutOff()
    attempt = asyncio.create_task(product.generator(provider).attempt(roadmap))
    await provider.asked.wait()
    attempt.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attempt
    assert at_most(product) > 100 * A_CALL
    assert await spent(product) == [(2, A_CALL + at_most(product))]
    async with product.engine.connect() as connection:
        told = await connection.scalar(select(func.sum(generation_steps.c.cost_usd)))
    assert told == A_CALL


@pytest.mark.parametrize("last", [False, True], ids=["taken over", "given up"])
async def test_a_call_that_died_with_its_worker_counts_with_the_most_it_may_have_cost(product, last):
    product, user = dear(product, generation_max_attempts=1 if last else 3), await product.user()
    roadmap = await product.accept(user)
    async with product.engine.begin() as connection:
        held = await lease.claim(connection, roadmap, timedelta(seconds=60), 3)
    assert not held.taken_over
    await Steps(product.engine, held, 3, Prices.of(product.settings)).begin(StepKey("intent"))
    await product.change(roadmap, lease_until=func.clock_timestamp() - timedelta(seconds=1))
    if last:
        swept = await Sweeper(product.engine, product.published, product.settings).sweep()
        assert swept.ended == [roadmap]
        assert await spent(product) == [(1, at_most(product))]
        return
    await product.generator(ScriptedProvider()).attempt(roadmap)
    assert (await product.row(roadmap)).status == "completed"
    assert await spent(product) == [(CALLS + 1, CALLS * A_CALL + at_most(product))]


@pytest.mark.parametrize("usable", [False, True], ids=["error", "answer"])
async def test_a_call_that_does_not_tell_its_cost_counts_with_the_most_it_may_be(product, usable):
    """Otherwise no budget would limit the calls to a provider that tells no usage."""

    class Silent(ScriptedProvider):
        async def ask(self, *asked):
            answer = await super().ask(*asked)
            if usable:
                return Answer(answer.value, Cost())
            raise ProviderError("timeout", "Late.", transient=False, unknown=True)

    product, user = dear(product), await product.user()
    await product.generator(Silent()).attempt(await product.accept(user))
    calls = CALLS if usable else 1
    assert await spent(product) == [(calls, calls * at_most(product))]


async def test_a_budget_that_is_spent_ends_what_is_in_the_making_and_refuses_what_is_asked(product):
    """The calls that are left out cost nothing, the roadmap ends and says why, and on the next day it is tried again."""
    product = dear(product, openai_daily_budget_per_user_usd=float(3 * A_CALL), openai_max_concurrency=1)
    ada, bob = await product.user(), await product.user()
    roadmap = await product.accept(ada)
    provider = ScriptedProvider()
    await product.generator(provider).attempt(roadmap)
    assert sum(provider.calls.values()) == 3
    row = await product.row(roadmap)
    assert row.status == "partially_completed"
    assert {failed["code"] for failed in row.error["failed"].values()} == {"budget_spent"}
    with pytest.raises(BudgetSpentError):
        await checked(product, ada, openai_daily_budget_per_user_usd=float(3 * A_CALL))
    await checked(product, bob, openai_daily_budget_per_user_usd=float(3 * A_CALL))
    with pytest.raises(BudgetSpentError):
        await checked(product, bob, openai_daily_budget_usd=float(3 * A_CALL))
    await checked(product, ada, openai_daily_budget_per_user_usd=0.0)  # no limit
    async with product.engine.begin() as connection:
        await connection.execute(update(provider_spending).values(day=text("day - 1")))
        await control.retry(connection, roadmap, ada.user_id, product.grace, 10)
    again = dear(product, openai_daily_budget_per_user_usd=0.0)
    await again.generator(provider).attempt(roadmap)
    assert (await product.row(roadmap)).status == "completed"
    assert sum(provider.calls.values()) == CALLS


async def test_a_roadmap_is_tried_again_so_often_and_no_more(product):
    user = await product.user()
    roadmap = await product.accept(user)
    for _ in range(2):
        await product.change(roadmap, status="failed")
        async with product.engine.begin() as connection:
            await control.retry(connection, roadmap, user.user_id, product.grace, 10, most=2)
    await product.change(roadmap, status="failed")
    async with product.engine.begin() as connection:
        with pytest.raises(control.RetriesUsedUpError):
            await control.retry(connection, roadmap, user.user_id, product.grace, 10, most=2)


def test_a_day_ends_at_midnight_in_utc():
    assert seconds_left(datetime(2026, 1, 1, 23, 59, 30, tzinfo=UTC)) == 31
    assert seconds_left(datetime(2026, 1, 1, tzinfo=UTC)) == 86_401
