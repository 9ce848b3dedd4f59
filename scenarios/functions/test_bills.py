"""What a provider says it is owed is written down as far as a column goes, and never fails a write."""

import pytest
from sqlalchemy import insert, select, update

from app.models import generation_steps
from app.roadmaps.answer import Cost, ProviderError
from app.roadmaps.completion import MOST_TOKENS
from app.roadmaps.states import EARLIER
from app.roadmaps.steps import MOST_COUNTED, MOST_DOLLARS
from app.tests.memory import ScriptedProvider
from scenarios.functions.reader import Api

pytestmark = [pytest.mark.e2e, pytest.mark.once]
DEAR = Cost(MOST_TOKENS, MOST_TOKENS)
COLUMNS = generation_steps.c


async def test_sums_stop_at_what_a_column_holds(product):
    """Two calls that cost as much as is believed at an absurd price, on top of sums that are full, and a retry that adds all up."""
    product = product.other(openai_prompt_price=10**9, openai_max_attempts=3)
    user = await product.user()
    roadmap = await product.accept(user)
    spoilt = ProviderError("wrong_schema", "Another form.", transient=True, cost=DEAR)
    last = ProviderError("refused", "The provider declined to write this.", transient=False, cost=DEAR)
    full = {
        "prompt_tokens": MOST_COUNTED - 1,
        "completion_tokens": MOST_COUNTED - 1,
        "cost_usd": MOST_DOLLARS,
    }

    def dear(key, call):
        return {"intent/-": spoilt if call == 1 else None, "quiz/ownership": last}.get(key)

    async with product.engine.begin() as connection:
        earlier = {"request_id": roadmap, "step": EARLIER, "status": "completed", "attempts": MOST_COUNTED}
        await connection.execute(insert(generation_steps).values(**earlier, **full))
    await product.generator(ScriptedProvider(dear)).attempt(roadmap)
    async with product.engine.begin() as connection:
        await connection.execute(update(generation_steps).where(COLUMNS.step == "quiz").values(**full))
    async with Api(product).reader(user) as reader:
        assert (await reader.everything(roadmap))["status"] == "partially_completed"
        await reader.retry(roadmap)
        await product.generator(ScriptedProvider()).attempt(roadmap)
        assert (await reader.everything(roadmap))["status"] == "completed"
    async with product.engine.connect() as connection:
        kept = await connection.execute(select(generation_steps).where(COLUMNS.step == EARLIER))
        row = kept.one()
    assert (row.attempts, row.prompt_tokens, row.completion_tokens, row.cost_usd) == (
        *(MOST_COUNTED, MOST_COUNTED, MOST_COUNTED),
        MOST_DOLLARS,
    )
