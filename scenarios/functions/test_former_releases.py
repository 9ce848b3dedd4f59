"""Rows that the release before has written: readable after a deploy, and finished without paying twice."""

from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import func, insert

from app.models import generation_steps, roadmaps
from app.roadmaps.prompts import CONCEPT_STEPS
from app.tests.memory import ANSWERS, INTENT, ScriptedProvider
from scenarios.functions.reader import Api
from scenarios.material import curriculum

pytestmark = [pytest.mark.e2e, pytest.mark.once]
FORMER = {"所有权": "tutorial", "tcp/ip": "quiz", "a b": "resources", "c1": "quiz"}
DRAFT = curriculum(*FORMER, c1=["tcp/ip", "所有权"])
BODY = {"topic": "Rust 所有权", "goal": None, "level": "beginner", "hours_per_week": 5, "language": "en"}


class Provider(ScriptedProvider):
    """A provider that checks each call's correlation id: every HTTP library must accept it as a header."""

    async def ask(self, messages, output, correlation):
        assert correlation.isascii()
        assert correlation.isprintable()
        assert correlation.count("/") == 3
        assert " " not in correlation
        return await super().ask(messages, output, correlation)


async def former(product, user, *steps, **columns) -> UUID:
    """A roadmap that the previous release had begun, with these steps."""
    roadmap = await product.accept(user)
    await product.change(roadmap, body=BODY, **columns)
    async with product.engine.begin() as connection:
        for step, concept, status, output in steps:
            row = {
                "request_id": roadmap,
                "step": step,
                "concept_id": concept,
                "status": status,
                "output": output,
            }
            ended = {} if status == "running" else {"ended_at": func.clock_timestamp()}
            await connection.execute(insert(generation_steps).values(**row, **ended))
    return roadmap


def parts():
    """The parts of every concept."""
    return [(step, concept, "completed", ANSWERS[step]) for concept in FORMER for step in CONCEPT_STEPS]


async def test_a_finished_roadmap_is_read_by_the_ids_it_has(product):
    """The provider's words were ids: a slash, Chinese, a space; each is an address of its own still."""
    user = await product.user()
    framework = [("intent", "", "completed", INTENT), ("curriculum", "", "completed", DRAFT)]
    roadmap = await former(product, user, *framework, *parts(), status="completed", step="ended")
    async with product.engine.begin() as connection:
        row = {"id": roadmap, "title": DRAFT["title"], "summary": DRAFT["summary"], "curriculum": DRAFT}
        await connection.execute(insert(roadmaps).values(**row))
    async with Api(product).reader(user) as reader:
        read = await reader.everything(roadmap)
        await reader.get(f"/{roadmap}/concepts/tcp/ip")  # however a client writes it
        await reader.get(f"/{roadmap}/concepts/tcp", expect=404)
    assert list(read["contents"]) == list(FORMER)
    assert read["contents"]["c1"]["prerequisites"] == ["tcp/ip", "所有权"]
    assert all(
        content[step]["content"] == ANSWERS[step]
        for content in read["contents"].values()
        for step in CONCEPT_STEPS
    )


async def test_a_roadmap_in_the_making_is_finished_and_paid_for_once(product):
    """Half of the parts are there, one was cut off: what is missing is asked for, each once, under the ids it has."""
    user = await product.user()
    framework = [("intent", "", "completed", INTENT), ("curriculum", "", "completed", DRAFT)]
    lacking = {(step, concept) for concept, step in FORMER.items()}
    there = [part for part in parts() if part[:2] not in lacking]
    roadmap = await former(product, user, *framework, *there, ("quiz", "tcp/ip", "running", None))
    provider = Provider()
    await product.generator(provider).attempt(roadmap)
    assert provider.calls == Counter(f"{step}/{concept}" for step, concept in lacking)
    async with Api(product).reader(user) as reader:
        read = await reader.everything(roadmap)
    assert read["status"] == "completed"
    assert list(read["contents"]) == list(FORMER)


async def test_a_draft_with_faults_is_repaired_as_it_would_have_been(product):
    """The curriculum goes in a circle, and the release before had not yet sent it back: it is not asked for anew."""
    user = await product.user()
    circle = curriculum("所有权", "b", 所有权=["b"], b=["所有权"])
    roadmap = await former(
        product, user, ("intent", "", "completed", INTENT), ("curriculum", "", "completed", circle)
    )
    provider = Provider()
    await product.generator(provider).attempt(roadmap)
    assert (provider.calls["curriculum/-"], provider.calls["repair/-"]) == (0, 1)
    async with Api(product).reader(user) as reader:
        read = await reader.everything(roadmap)
    assert {concept["name"] for concept in read["contents"].values()} == {"ownership", "borrowing"}
    assert list(read["contents"]) == ["c1", "c2"]


async def test_a_repaired_draft_of_the_release_before_is_taken_over(product):
    """What it has repaired is the framework, and its ids stay."""
    user = await product.user()
    circle = curriculum("a", "b", a=["b"], b=["a"])
    steps = (("intent", INTENT), ("curriculum", circle), ("repair", DRAFT))
    roadmap = await former(product, user, *((step, "", "completed", output) for step, output in steps))
    provider = Provider()
    await product.generator(provider).attempt(roadmap)
    assert provider.calls == Counter(f"{step}/{concept}" for concept in FORMER for step in CONCEPT_STEPS)
    async with Api(product).reader(user) as reader:
        assert list((await reader.everything(roadmap))["contents"]) == list(FORMER)


async def test_what_we_have_begun_ourselves_goes_on_with_its_names(product):
    """A second attempt of this release finds ids and names, and asks for nothing twice."""
    user = await product.user()
    roadmap = await product.accept(user, language="zh-Hans")

    def broken(key, _call):
        if key == "quiz/borrowing":
            raise KeyError(key)

    first = Provider(broken)
    with pytest.raises(KeyError):
        await product.generator(first).attempt(roadmap)
    second = Provider()
    await product.generator(second).attempt(roadmap)
    assert not set(second.calls) & {"intent/-", "curriculum/-"}
    assert second.calls["quiz/borrowing"] == 1
    async with Api(product).reader(user) as reader:
        read = await reader.everything(roadmap)
    assert {c["id"]: c["name"] for c in read["contents"].values()} == {"c1": "ownership", "c2": "borrowing"}
    assert read["contents"]["c2"]["prerequisites"] == ["c1"]
