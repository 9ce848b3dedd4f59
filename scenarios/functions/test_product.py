"""Tests of the fixture itself, on which the other modules of this folder rely."""

import pytest

from app.roadmaps.acceptance import QuotaExceededError
from app.roadmaps.messages import STORE_TASK
from app.tests.memory import ScriptedProvider

pytestmark = [pytest.mark.e2e, pytest.mark.once]


async def test_a_roadmap_that_was_accepted_is_generated(product):
    """Accepted, attempted and complete, by the functions that the roles call."""
    roadmap = await product.accept(await product.user())
    await product.generator(ScriptedProvider()).attempt(roadmap)
    row = await product.row(roadmap)
    assert (row.status, row.attempt, row.fence) == ("completed", 1, 1)
    assert await product.events(roadmap) == ["accepted", "completed"]


async def test_the_database_is_empty_each_time(product):
    """Nothing that another test has left is there, and the sweeper has nothing to do."""
    assert not await product.sweeper().sweep()


async def test_a_sweep_sends_again_what_nobody_took(product):
    """Time passes where a test says so."""
    roadmap = await product.accept(await product.user())
    assert not await product.sweeper().sweep()
    await product.let_pass(roadmap, product.settings.dispatch_grace_seconds)
    assert (await product.sweeper().sweep()).republished == [roadmap]
    assert product.published.about(roadmap) == 1


async def test_the_quota_is_the_settings(product):
    """Other settings, same database: what a role with another quota would refuse."""
    user = await product.user()
    await product.accept(user)
    with pytest.raises(QuotaExceededError):
        await product.other(max_roadmaps_in_the_making=1).accept(user)


async def test_the_end_is_told_of_last(product):
    """Whatever led to it is published before: who follows the log would else read the end, and then more."""
    roadmap = await product.accept(await product.user())
    await product.generator(ScriptedProvider()).attempt(roadmap)
    published = [message for message in product.published.messages if message.task == STORE_TASK]
    steps = [event["step"] for message in published for event in message.arguments["events"]]
    assert (len(steps), steps.count("completed"), steps[-1]) == (9, 1, "completed")
