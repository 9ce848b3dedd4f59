"""Any events in any order, against the same rules as one event in each state: an end stays an end, and everything comes to one."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.roadmaps import states
from scenarios.functions.product import Product
from scenarios.functions.walk import EVENTS, OWNERS_EVENTS, WORKERS, Standing, settle

pytestmark = [pytest.mark.e2e, pytest.mark.once]
EXAMPLES = 40
ALL = {**EVENTS, **OWNERS_EVENTS, "claim": Standing.try_to_claim}
DELETE = "delete"
ORDERS = st.lists(st.sampled_from([name for name in ALL if name != DELETE]), min_size=2, max_size=12)


async def walk(product: Product, order: Sequence[str], worker: str) -> None:
    """One roadmap to which all of this happens."""
    owner = await product.user()
    it = Standing(product, owner, await product.accept(owner))
    for event in order:
        before = await product.row(it.id)
        await ALL[event](it)
        after = await product.row(it.id)
        assert after.status in states.STATUSES
        assert after.fence >= before.fence
        if before.status in states.ENDED:
            assert after == before or event == "retry"
    await settle(it, worker)
    await OWNERS_EVENTS[DELETE](it)
    assert await product.row(it.id) is None


def test_whatever_happens_in_whatever_order_it_comes_to_an_end(functions_database):
    """A dozen events at random, then any worker: what has ended stays so, and a bounded number of moves ends the rest."""
    with asyncio.Runner() as runner:
        product = runner.run(_product(functions_database))

        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
        )
        @given(order=ORDERS, worker=st.sampled_from(sorted(WORKERS)))
        def any_order(order, worker):
            runner.run(product.empty())
            runner.run(walk(product, order, worker))

        any_order()
        runner.run(product.engine.dispose())


async def _product(database_url: str) -> Product:
    return Product.on(database_url)
