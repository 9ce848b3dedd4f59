"""Whatever the provider answers, every request comes to one end, and every route can read the result.

Hypothesis generates the provider's answers. HOSTILE_EXAMPLES is the number of roadmaps, 300 by default, and a third of that for each
change; a failure prints how to repeat it.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.models import generation_steps
from app.roadmaps import account, pipeline, states
from app.roadmaps.provider import Provider
from scenarios.functions.hostile import of_the_form, plain, scripts, wrong_http, wrong_json
from scenarios.functions.product import Product
from scenarios.functions.reader import Api
from scenarios.functions.wire import CORRELATION, Wire, sound
from scenarios.seeds import examples_of, seed_of

EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "300"))
ENOUGH = 50  # examples, enough for every end to occur
SECONDS_AN_EXAMPLE = 2  # far more than one example takes
MOST_REDIRECTS = 20  # that the SDK's client follows, for each call
LONGEST_TEXT = 1_000  # characters of a text for an owner
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.once,
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),  # the warning would hide a failure
    pytest.mark.timeout(120 + SECONDS_AN_EXAMPLE * EXAMPLES),
]
# no waiting
LIMITS = {"openai_circuit_failures": 10**9, "openai_max_concurrency": 4}


class Suffering:
    """The product with a scripted provider, for many examples on one loop."""

    def __init__(self, database_url: str) -> None:
        self._runner = asyncio.Runner()
        self._runner.run(self._begin(database_url))

    async def _begin(self, database_url: str) -> None:
        self.wire = await Wire().__aenter__()
        changed = {"openai_base_url": self.wire.url, "openai_timeout_seconds": 5}
        self.product = Product.on(database_url).other(**LIMITS, **changed)
        await self.product.empty()
        self.provider = Provider(self.product.settings)
        self.api = Api(self.product)

    def close(self) -> None:
        async def end() -> None:
            await self.provider.close()
            await self.product.engine.dispose()
            await self.wire.__aexit__()

        self._runner.run(end())
        self._runner.close()

    def suffer(self, script: dict[str, Sequence[bytes]], topic: str, *, again: bool) -> str:
        """Play one roadmap, from the request to its reading.

        Args:
            script: for each step the answers to its calls; the last answer repeats.
            topic: of the roadmap.
            again: whether its owner tries it again, with a sound provider.

        Returns:
            How it ended.
        """
        return self._runner.run(self._suffer(script, topic, again=again))

    async def _suffer(self, script: dict[str, Sequence[bytes]], topic: str, *, again: bool) -> str:
        user = await self.product.user()
        async with self.api.reader(user) as reader:
            roadmap = (await reader.ask({"topic": topic}))["id"]
            self._answer(lambda step, call: script[step][min(call, len(script[step])) - 1])
            await self.product.generator(self.provider).attempt(roadmap)
            read = await reader.everything(roadmap)
            await self._judge(roadmap, read)
            end = f"{read['status']} {read['error']['code'] if read['error'] else ''}"
            if read["status"] == "completed" or not again:
                return end
            await reader.retry(roadmap)
            self._answer(lambda step, _call: sound(plain(step)))
            await self.product.generator(self.provider).attempt(roadmap)
            whole = await reader.everything(roadmap)
            assert whole["status"] == "completed"
            for figure, before in read["usage"].items():
                assert whole["usage"][figure] >= before, figure
            return end

    def _answer(self, answer) -> None:
        self.wire.calls.clear()
        self.wire.answer = answer

    async def _judge(self, roadmap, read) -> None:
        """Check what must be true of every roadmap, whatever has happened to it."""
        row = await self.product.row(roadmap)
        assert row.status in states.ENDED
        assert row.status == read["status"]
        assert (row.status == "completed") == (read["error"] is None)
        if read["error"] is not None:
            assert read["error"]["code"]
            assert 0 < len(read["error"]["message"]) <= LONGEST_TEXT
            assert read["error"]["message"].isprintable()
        assert (row.status == "failed") == (not read["stages"])
        async with self.product.engine.connect() as connection:
            query = select(generation_steps).where(generation_steps.c.request_id == roadmap)
            steps = (await connection.execute(query)).all()
        most = self.product.settings.openai_max_attempts
        for step in steps:
            assert step.status in {"completed", "failed"}
            assert 1 <= step.attempts <= most
            assert step.prompt_tokens >= 0
            assert step.completion_tokens >= 0
        asked = [correlation for _, correlation in self.wire.calls]
        assert all(CORRELATION.fullmatch(correlation) for correlation in asked)
        attempts = sum(step.attempts for step in steps)
        assert len(set(asked)) == attempts == read["usage"]["calls"]
        assert len(asked) <= attempts * (1 + MOST_REDIRECTS)
        for told in read["log"]:
            assert 0 < len(told["message"]) <= LONGEST_TEXT
            assert told["message"].isprintable()


@pytest.fixture
def suffering(functions_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Suffering]:
    monkeypatch.setattr(pipeline, "BACKOFF_SECONDS", 0.0)
    made = Suffering(functions_database)
    yield made
    made.close()


@pytest.fixture
def play(request: pytest.FixtureRequest, suffering: Suffering, caplog: pytest.LogCaptureFixture):
    """Play so many roadmaps with answers of these kinds."""

    def played(whole: int, *kinds) -> None:
        examples = examples_of(request, whole)
        ends: Counter[str] = Counter()

        @seed(seed_of(request))
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            print_blob=True,
            phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(
            scripts(*kinds), st.sampled_from(["Rust", "Rust 所有权"]), st.sampled_from([False, False, True])
        )
        def suffer(script, topic, again) -> None:
            caplog.clear()
            ends[suffering.suffer(script, topic, again=again)] += 1
            told = [r for r in caplog.records if r.levelname in {"ERROR", "CRITICAL"}]
            # Only the report of a refused key is logged.
            assert not [r.getMessage() for r in told if r.name != account.__name__]

        suffer()
        print(f"{ends.total()} roadmaps: {dict(ends.most_common())}")  # noqa: T201
        if examples >= ENOUGH:  # answers of all kinds reached every step
            assert {end.partition(" ")[0] for end in ends} >= {"completed", "partially_completed", "failed"}

    return played


def test_an_answer_of_the_form_that_was_asked_for(play):
    """Of any words, sizes, ids and circles that the schema allows: stored and readable, or refused with a reason."""
    play(EXAMPLES // 2, of_the_form)


def test_an_answer_that_is_wrong_in_any_place(play):
    """JSON with one node changed, left out or there twice, and HTTP in every disorder: an end, with a reason."""
    play(EXAMPLES - EXAMPLES // 2, wrong_json, wrong_http, of_the_form)
