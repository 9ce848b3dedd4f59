"""Readiness knows of a dead key by the steps that ended last."""

import pytest
from sqlalchemy import text

from app.roadmaps import account
from app.roadmaps.account import Refusal
from app.roadmaps.answer import ProviderError
from app.tests.memory import ScriptedProvider

pytestmark = [pytest.mark.e2e, pytest.mark.once]


def refusing(refused=Refusal.KEY, status=401):
    return ScriptedProvider(
        lambda _key, _call: ProviderError(f"http_{status}", "No.", transient=False, refused=refused)
    )


async def standing(product):
    async with product.engine.connect() as connection:
        return await account.standing(connection)


async def attempt(product, provider=None):
    roadmap = await product.accept(await product.user())
    await product.generator(provider or ScriptedProvider()).attempt(roadmap)
    return roadmap


async def test_where_nothing_was_asked_nothing_is_refused(product):
    assert await standing(product) is None


@pytest.mark.parametrize("refused", Refusal)
async def test_it_stands_until_a_call_succeeds(product, refused):
    await attempt(product, refusing(refused))
    assert await standing(product) is refused
    await attempt(product, refusing(refused))
    assert await standing(product) is refused
    roadmap = await attempt(product)
    assert (await product.row(roadmap)).status == "completed"
    assert await standing(product) is None


async def test_one_refusal_among_successes_is_none(product):
    """Of many calls, one met something else than the others: the account is sound."""
    await attempt(product)
    await attempt(product, refusing())
    assert await standing(product) is None


async def test_three_refusals_after_a_success_are_one(product):
    await attempt(product)
    for _ in range(account.NEWEST):
        await attempt(product, refusing())
    assert await standing(product) is Refusal.KEY


async def test_failures_of_another_sort_say_nothing_of_the_account(product):
    """A provider that is also down does not hide a dead key, and a provider that is only down is no dead key."""
    down = ScriptedProvider(lambda _key, _call: ProviderError("http_500", "No.", transient=False))
    await attempt(product, down)
    assert await standing(product) is None
    await attempt(product, refusing())
    await attempt(product, down)
    assert await standing(product) is Refusal.KEY


async def test_what_was_refused_long_ago_says_nothing_of_now(product):
    await attempt(product, refusing())
    async with product.engine.begin() as connection:
        await connection.execute(
            text("UPDATE generation_steps SET ended_at = ended_at - interval '61 minutes'")
        )
    assert await standing(product) is None


async def test_the_owner_is_told_nothing_of_our_account(product):
    """The reason stays what it was, in the step and in the roadmap."""
    roadmap = await attempt(product, refusing())
    told = {"code": "http_401", "message": "No."}
    assert (await product.row(roadmap)).error == told
    async with product.engine.connect() as connection:
        assert list(await connection.scalars(text("SELECT error FROM generation_steps"))) == [told]
