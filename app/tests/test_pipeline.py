import asyncio
import json
from uuid import uuid4

import pytest

from app.roadmaps import pipeline as pipeline_module
from app.roadmaps.answer import Cost, ProviderError
from app.roadmaps.events import Event
from app.roadmaps.pipeline import Generated, Pipeline, StepFailedError
from app.roadmaps.steps import StepKey
from app.tests.memory import CURRICULUM, MemorySteps, ScriptedProvider

CYCLE = {
    **CURRICULUM,
    "stages": [
        {
            "title": "S",
            "modules": [
                {
                    "title": "M",
                    "concepts": [
                        {
                            "id": "a",
                            "title": "A",
                            "summary": "A",
                            "prerequisites": ["a"],
                            "estimated_minutes": 1,
                        }
                    ],
                }
            ],
        }
    ],
}
BUSY = ProviderError("http_500", "The provider answered 500.", transient=True)
REFUSED = ProviderError("refused", "The provider declined to write this.", transient=False)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(pipeline_module, "BACKOFF_SECONDS", 0.0)


class Run:
    """A pipeline and its neighbours."""

    def __init__(self, provider: ScriptedProvider, steps: MemorySteps | None = None) -> None:
        self.provider = provider
        self.steps = steps or MemorySteps()
        self.events: list[Event] = []
        self.entered: list[str] = []

    async def go(self, concurrency: int = 4) -> Generated:
        async def enter(step: str) -> None:
            self.entered.append(step)

        return await Pipeline(
            uuid4(),
            {"topic": "Rust"},
            provider=self.provider,
            steps=self.steps,
            emit=self.events.append,
            enter=enter,
            concurrency=concurrency,
        ).run()


async def test_every_step_is_asked_once():
    run = Run(ScriptedProvider())
    generated = await run.go()
    parts = {f"{step}/{c}" for step in ("tutorial", "resources", "quiz") for c in ("ownership", "borrowing")}
    assert run.provider.calls == dict.fromkeys({"intent/-", "curriculum/-"} | parts, 1)
    assert (generated.curriculum.title, generated.failed) == ("Rust", {})
    assert run.entered == ["intent", "curriculum", "content"]
    assert len(run.events) == 8


async def test_an_unsound_curriculum_is_repaired_once():
    run = Run(ScriptedProvider(lambda key, _: CYCLE if key == "curriculum/-" else None))
    generated = await run.go()
    assert run.provider.calls["repair/-"] == 1
    assert generated.curriculum.names() == {"c1": "ownership", "c2": "borrowing"}


async def test_a_curriculum_that_stays_unsound_fails_the_roadmap():
    run = Run(ScriptedProvider(lambda key, _: CYCLE if key in {"curriculum/-", "repair/-"} else None))
    with pytest.raises(StepFailedError, match="in a circle") as caught:
        await run.go()
    assert caught.value.error["code"] == "invalid_framework"
    assert not [key for key in run.provider.calls if key.startswith("tutorial")]


async def test_a_transient_failure_is_asked_again_and_counted():
    run = Run(ScriptedProvider(lambda key, call: BUSY if key == "quiz/ownership" and call < 3 else None))
    generated = await run.go()
    assert generated.failed == {}
    assert run.steps.attempts[StepKey("quiz", "c1")] == 3


async def test_a_concept_that_fails_leaves_the_rest():
    run = Run(ScriptedProvider(lambda key, _: BUSY if key == "quiz/ownership" else None))
    generated = await run.go()
    assert generated.failed == {
        "quiz of ownership": {"code": "http_500", "message": "The provider answered 500."}
    }
    assert run.provider.calls["quiz/ownership"] == 3
    assert [e.concept_id for e in run.events if e.level == "error"] == ["c1"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("所有权", "所有权"),
        ("it's", "it's"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\u202e", "\\u202e"),
        ("a\u200bb", "a\\u200bb"),
    ],
)
async def test_what_could_not_be_written_is_named_on_one_line_that_shows_what_it_is(name, shown):
    curriculum = {**CYCLE, "stages": json.loads(json.dumps(CYCLE["stages"]))}
    concepts = curriculum["stages"][0]["modules"][0]["concepts"]
    concepts[:] = [{**concepts[0], "id": name, "prerequisites": []}]

    def says(key, _):
        return curriculum if key == "curriculum/-" else BUSY if key.startswith("quiz/") else None

    generated = await Run(ScriptedProvider(says)).go()
    assert list(generated.failed) == [f"quiz of {shown}"]


async def test_what_no_retry_mends_is_asked_once():
    run = Run(ScriptedProvider(lambda key, _: REFUSED if key == "intent/-" else None))
    with pytest.raises(StepFailedError, match="declined"):
        await run.go()
    assert run.provider.calls == {"intent/-": 1}


async def test_a_second_attempt_pays_only_for_what_is_missing():
    first = Run(ScriptedProvider(lambda key, _: asyncio.CancelledError if key == "never" else None))
    await first.go()
    del first.steps.known[StepKey("quiz", "c2")]
    second = Run(ScriptedProvider(), first.steps)
    await second.go()
    assert second.provider.calls == {"quiz/borrowing": 1}


async def test_every_answer_is_paid_for_even_those_that_cannot_be_used():
    spoilt = ProviderError("wrong_schema", "Another form.", transient=True, cost=Cost(10, 20))
    run = Run(ScriptedProvider(lambda key, call: spoilt if key == "intent/-" and call < 3 else None))
    await run.go()
    assert run.steps.paid[StepKey("intent")] == 3 * 30
    assert run.steps.paid[StepKey("curriculum")] == 30


async def test_a_call_that_has_to_wait_for_the_provider_is_not_counted():
    down = asyncio.Event()

    class Down(ScriptedProvider):
        async def ready(self):
            if self.calls:
                down.set()
                await asyncio.Event().wait()

    run = Run(Down())
    working = asyncio.create_task(run.go())
    await asyncio.wait_for(down.wait(), 5)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert run.steps.attempts == {StepKey("intent"): 1}


async def test_calls_cut_off_by_a_stop_are_given_back():
    hanging = asyncio.Event()

    class Hanging(ScriptedProvider):
        async def ask(self, messages, output, correlation):
            if "/tutorial/" in correlation:
                hanging.set()
                await asyncio.Event().wait()
            return await super().ask(messages, output, correlation)

    run = Run(Hanging())
    working = asyncio.create_task(run.go())
    await asyncio.wait_for(hanging.wait(), 5)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert {key.step: n for key, n in run.steps.attempts.items() if n} == {
        "intent": 1,
        "curriculum": 1,
        **({"resources": 1} if run.steps.attempts[StepKey("resources", "c1")] else {}),
        **({"quiz": 1} if run.steps.attempts[StepKey("quiz", "c1")] else {}),
    }
    assert run.steps.attempts[StepKey("tutorial", "c1")] == 0


@pytest.mark.parametrize("cut", ["begin", "complete"])
async def test_what_is_written_of_a_call_is_not_cut_in_two_by_a_stop(cut):
    """A stop while a call is counted or its answer is stored: a call that was not made is not counted, and a paid answer stays."""
    writing, going_on = asyncio.Event(), asyncio.Event()

    class Slow(MemorySteps):
        async def begin(self, key):
            number = await super().begin(key)
            await self._written("begin", key)
            return number

        async def complete(self, key, *answer):
            await self._written("complete", key)
            await super().complete(key, *answer)

        async def _written(self, what, key):
            if (what, key.step) == (cut, "intent"):
                writing.set()
                await going_on.wait()

    run = Run(ScriptedProvider(), Slow())
    working = asyncio.create_task(run.go())
    await asyncio.wait_for(writing.wait(), 5)
    working.cancel()
    await asyncio.sleep(0)
    going_on.set()
    with pytest.raises(asyncio.CancelledError):
        await working
    kept = StepKey("intent") in run.steps.known
    assert (run.steps.attempts[StepKey("intent")], kept) == ((0, False) if cut == "begin" else (1, True))


async def test_never_more_calls_at_once_than_allowed():
    class Counting(ScriptedProvider):
        now = most = 0

        async def ask(self, messages, output, correlation):
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0)
            answer = await super().ask(messages, output, correlation)
            self.now -= 1
            return answer

    run = Run(Counting())
    await run.go(concurrency=2)
    assert run.provider.most == 2
