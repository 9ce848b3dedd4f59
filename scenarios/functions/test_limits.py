"""The limits fit together: the largest curriculum that is allowed ends completed with the slowest calls that are allowed.

The clock skips all waiting; the settings are those of production.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.core.settings import Settings
from app.roadmaps import states
from app.roadmaps.answer import ProviderError
from app.roadmaps.framework import MAX_CONCEPTS, MAX_CONCEPTS_PER_MODULE
from app.roadmaps.prompts import CONCEPT_STEPS
from app.tests.memory import ScriptedProvider
from scenarios.functions.product import Product
from scenarios.functions.virtual_time import VirtualTime
from scenarios.material import curriculum

pytestmark = [pytest.mark.e2e, pytest.mark.once]
SLOW = ProviderError("timeout", "The provider did not answer in time.", transient=True)
BUSY = ProviderError("http_429", "The provider answered 429.", transient=True, retry_after=120)


def large(concepts: int):
    """A curriculum of so many concepts, in modules of the largest allowed size."""
    made = curriculum(*(f"c{number}" for number in range(concepts)))
    (stage,) = made["stages"]
    (module,) = stage["modules"]
    every = module["concepts"]
    stage["modules"] = [
        module | {"concepts": every[first : first + MAX_CONCEPTS_PER_MODULE]}
        for first in range(0, concepts, MAX_CONCEPTS_PER_MODULE)
    ]
    return made


class Slowest(ScriptedProvider):
    """A provider whose calls take as long as allowed; the first calls of each step fail.

    Args:
        concepts: of the curriculum that it writes.
        seconds: of a call.
        vain: number of failing calls of each step.
        error: of the failing calls.
    """

    def __init__(self, concepts: int, seconds: float, vain: int, error: ProviderError) -> None:
        written = large(concepts)
        super().__init__(
            lambda key, call: error if call <= vain else written if key == "curriculum/-" else None
        )
        self._seconds = seconds

    async def ask(self, messages, output, correlation):
        await asyncio.sleep(self._seconds)
        return await super().ask(messages, output, correlation)


def in_virtual_time(database_url: str, story: Callable[[Product], Awaitable[None]], **changed) -> float:
    """Play a story on an empty database; returns how many seconds were skipped."""
    made: list[Product] = []
    loops: list[VirtualTime] = []

    def loop() -> VirtualTime:
        loops.append(VirtualTime(lambda: bool(made) and made[0].engine.pool.checkedout() > 0))
        return loops[0]

    async def run() -> None:
        made.append(Product.on(database_url, **changed))
        await made[0].empty()
        await story(made[0])
        await made[0].engine.dispose()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(run())
    return loops[0].skipped


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("concepts", "vain", "error", "changed"),
    [
        pytest.param(MAX_CONCEPTS, 0, SLOW, {}, id="slow"),
        pytest.param(MAX_CONCEPTS, 2, SLOW, {}, id="slow, and each step takes all its calls"),
        pytest.param(24, 2, BUSY, {}, id="each step is asked to wait, twice, as long as we are willing to"),
        pytest.param(12, 9, SLOW, {"openai_max_attempts": 10}, id="a step takes longer than an attempt"),
        pytest.param(
            24, 0, SLOW, {"openai_timeout_seconds": 600}, id="a call might take longer than an attempt"
        ),
    ],
)
def test_a_large_roadmap_with_the_slowest_calls_is_completed(
    functions_database, concepts, vain, error, changed
):
    """120 concepts of three parts, each call as slow as it may be: as many attempts as it takes, none of them counted, and complete."""
    told, steps = {}, 2 + concepts * len(CONCEPT_STEPS)  # intent and curriculum

    async def story(product: Product) -> None:
        provider = Slowest(concepts, product.settings.call_seconds, vain, error)
        roadmap = await product.accept(await product.user())
        while (row := await product.row(roadmap)).status in states.OPEN:
            assert row.fence <= steps * product.settings.openai_max_attempts, "it goes on and on"
            await product.generator(provider).attempt(roadmap)
        told.update(status=row.status, attempts=row.fence, error=row.error, calls=provider.calls)

    skipped = in_virtual_time(functions_database, story, **changed)

    assert (told["status"], told["error"]) == (states.COMPLETED, None)
    assert len(told["calls"]) == steps
    assert 1 < told["attempts"] <= sum(told["calls"].values())
    attempts = told["attempts"] * settings_default("generation_timeout_seconds")
    assert attempts / 2 < skipped < attempts * 1.01  # the calls were as slow as meant


def settings_default(field: str) -> float:
    return Settings.model_fields[field].default
