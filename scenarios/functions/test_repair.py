"""A curriculum that was sent back once: its repair is what counts, and one that stayed unsound is asked for again at a retry."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.models import generation_steps
from app.roadmaps import states, views
from app.tests.memory import ScriptedProvider
from scenarios.functions.walk import Raising, Standing, retry
from scenarios.material import curriculum

pytestmark = [pytest.mark.e2e, pytest.mark.once]
SOUND = curriculum("ownership")
UNSOUND = curriculum("ownership", ownership=["nowhere"])
NONE = {"no": "code"}


def writes(draft, repaired):
    return ScriptedProvider(lambda key, _: {"curriculum/-": draft, "repair/-": repaired}.get(key))


async def accepted(product) -> Standing:
    owner = await product.user()
    return Standing(product, owner, await product.accept(owner))


async def shown(it):
    async with it.product.engine.connect() as connection:
        return (
            await views.roadmap(connection, it.id, it.owner.user_id),
            await views.status(connection, it.id, it.owner.user_id),
        )


async def unsound(product) -> Standing:
    """A roadmap that has failed because its curriculum stayed unsound."""
    it = await accepted(product)
    await it.attempt(writes(UNSOUND, UNSOUND))
    row = await product.row(it.id)
    assert (row.status, row.error["code"]) == (states.FAILED, "invalid_framework")
    return it


@pytest.mark.parametrize("hours", [-1, 0, 1])
async def test_the_repair_is_what_counts_whatever_the_clock_said(product, hours):
    """The clock is set back or forward between the curriculum and its repair, or both have one time: the roadmap is shown."""
    it = await accepted(product)
    await it.attempt(writes(UNSOUND, SOUND))
    steps = generation_steps.c
    draft = steps.request_id == it.id, steps.step == "curriculum"
    repaired = (await _ended_at(it)) + timedelta(hours=hours)
    async with product.engine.begin() as connection:
        await connection.execute(update(generation_steps).where(*draft).values(ended_at=repaired))
    roadmap, status = await shown(it)
    assert roadmap.status == states.COMPLETED
    assert [stage.title for stage in roadmap.stages] == ["The stage"]
    assert (status.progress.parts_total, status.progress.parts_completed) == (3, 3)


async def _ended_at(it):
    steps = generation_steps.c
    repair = steps.ended_at, steps.request_id == it.id, steps.step == "repair"
    async with it.product.engine.connect() as connection:
        return await connection.scalar(
            generation_steps.select().with_only_columns(repair[0]).where(*repair[1:])
        )


@pytest.mark.parametrize(
    "error",
    [
        {"code": "attempts_used_up", "message": "Given up after attempt 3: its worker fell silent."},
        {"code": "invalid_framework", "message": "The curriculum stayed unsound."},
        NONE,
        {},
        [],
        "odd",
        7,
        None,
    ],
    ids=str,
)
async def test_a_retry_asks_again_for_what_stayed_unsound_whatever_ended_it(product, error):
    """The worker died between the repair's answer and the end that tells of it, or the error is an odd one: one retry is enough."""
    it = await unsound(product)
    await product.change(it.id, error=error)
    provider = writes(UNSOUND, SOUND)

    await retry(it)
    await it.attempt(provider)

    assert (await product.row(it.id)).status == states.COMPLETED
    assert provider.calls["curriculum/-"] == provider.calls["repair/-"] == 1
    assert not provider.calls["intent/-"]
    assert (await shown(it))[1].usage.calls == 8  # all that was ever paid for


@pytest.mark.parametrize("error", [NONE, {}, None, "odd", 7, ["odd"]], ids=str)
async def test_an_odd_error_can_be_read(product, error):
    it = await unsound(product)
    await product.change(it.id, error=error)
    roadmap, status = await shown(it)
    assert roadmap.error == status.error
    assert (roadmap.error is None) is not bool(error)


async def test_what_was_not_repaired_yet_is_only_repaired(product):
    """The worker dies three times at the repair: the curriculum is paid for, and a retry asks for its repair alone."""
    it = await accepted(product)
    await it.attempt(writes(UNSOUND, UNSOUND))
    steps = generation_steps.c
    async with product.engine.begin() as connection:
        await connection.execute(
            update(generation_steps)
            .where(steps.request_id == it.id, steps.step == "repair")
            .values(status=states.RUNNING, output=None)
        )
    provider = writes(SOUND, SOUND)
    await retry(it)
    await it.attempt(provider)
    assert (await product.row(it.id)).status == states.COMPLETED
    assert (provider.calls["curriculum/-"], provider.calls["repair/-"]) == (0, 1)


async def test_a_repair_that_is_sound_is_kept(product):
    """Its parts fail, and are tried again: neither curriculum nor repair is asked for once more."""
    it = await accepted(product)
    await it.attempt(writes(UNSOUND, SOUND))
    await product.change(it.id, status=states.PARTIALLY_COMPLETED)
    provider = Raising(RuntimeError("nobody is asked"))
    await retry(it)
    await it.attempt(provider)
    assert (await product.row(it.id)).status == states.COMPLETED
