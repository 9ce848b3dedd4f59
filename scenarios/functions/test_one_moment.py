"""A read of several statements shows one moment, whatever is written between two of them."""

import pytest
from sqlalchemy import delete, update

from app.models import generation_steps, roadmap_requests
from app.roadmaps import states, views
from app.tests.memory import ScriptedProvider
from scenarios.functions.reader import Api

pytestmark = [pytest.mark.e2e, pytest.mark.once]


@pytest.fixture
def forgotten_meanwhile(product, monkeypatch):
    """After the first statement of each read another connection removes the parts and queues the roadmap."""
    first = views._request  # noqa: SLF001 - between two statements nothing of ours can be called from outside

    async def then_changed(connection, roadmap_id, owner):
        row = await first(connection, roadmap_id, owner)
        async with product.engine.begin() as other:
            await other.execute(delete(generation_steps).where(generation_steps.c.request_id == roadmap_id))
            waits = update(roadmap_requests).where(roadmap_requests.c.id == roadmap_id)
            await other.execute(waits.values(status=states.QUEUED, ended_at=None))
        return row

    monkeypatch.setattr(views, "_request", then_changed)


@pytest.mark.usefixtures("forgotten_meanwhile")
@pytest.mark.parametrize("path", ["", "/content", "/concepts/c1"])
async def test_a_read_sees_one_moment(product, path):
    """A roadmap is complete when a read begins, and loses all of its parts before the read has ended: it is told as it was."""
    user = await product.user()
    roadmap = await product.accept(user)
    await product.generator(ScriptedProvider()).attempt(roadmap)
    async with Api(product).reader(user) as reader:
        told = await reader.get(f"/{roadmap}{path}")
    assert told.get("status", "completed") == "completed"
    assert "ownership" in str(told)
    assert "pending" not in str(told)
