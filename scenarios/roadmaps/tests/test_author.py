"""The author of the scripted provider: what it writes is what our own prompts ask for, and sound."""

import json
from collections.abc import AsyncIterator, Iterator

import jsonschema
import openai as sdk
import pytest

from app.roadmaps import prompts
from app.roadmaps.framework import problems
from app.schemas.content import Curriculum, IntentAnalysis, Quiz, Resources, StructuredOutput, Tutorial
from harness import FakeOpenAI
from harness.providers.openai.synthesis import synthesise
from harness.tests.providers.starting import started
from scenarios.roadmaps.application import ROOT
from scenarios.roadmaps.author import slug, write

AUTHOR = f"{ROOT}/scenarios/roadmaps/author.py:write"
CONCEPT = {"id": "c", "title": "C", "summary": "S"}
OUTPUTS = (IntentAnalysis, Curriculum, Tutorial, Resources, Quiz)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with started("harness.providers.openai", "--author", AUTHOR, "--unscripted", "ours") as url:
        yield url


@pytest.fixture
async def client(server: str) -> AsyncIterator[sdk.AsyncOpenAI]:
    url = FakeOpenAI(server).base_url
    async with sdk.AsyncOpenAI(api_key="any", base_url=url, max_retries=0, timeout=5) as made:
        yield made


async def ask(client, output: type[StructuredOutput], name: str = ""):
    about = (
        {"topic": "Rust", "concept": CONCEPT} if output in {Tutorial, Resources, Quiz} else {"topic": "Rust"}
    )
    described = {"name": name or output.schema_name, "strict": True, "schema": output.model_json_schema()}
    return await client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "system", "content": "s"}, {"role": "user", "content": json.dumps(about)}],
        response_format={"type": "json_schema", "json_schema": described},
    )


@pytest.mark.parametrize("output", OUTPUTS)
async def test_our_own_schemas_get_believable_content_the_same_every_time(client, output):
    first, second = await ask(client, output), await ask(client, output)
    assert first.choices == second.choices
    content = output.model_validate_json(first.choices[0].message.content)
    assert first.choices[0].finish_reason == "stop"
    if isinstance(content, Curriculum):
        assert problems(content) == []
        assert content.title == "Learn Rust"


async def test_what_is_not_ours_is_not_answered_on_a_stack(client):
    with pytest.raises(sdk.APIStatusError, match="no rule matches this call"):
        await ask(client, IntentAnalysis, name="somebody_elses")


async def test_every_prompt_of_ours_is_understood():
    with started("harness.providers.openai") as url:
        async with sdk.AsyncOpenAI(api_key="any", base_url=f"{url}/v1", max_retries=0, timeout=5) as anybodys:
            messages = prompts.intent({"topic": "Rust", "goal": None, "level": "beginner"})
            answer = await anybodys.chat.completions.create(model="m", messages=messages)
    assert answer.choices[0].message.content


@pytest.mark.parametrize("output", OUTPUTS)
def test_without_an_author_our_schemas_can_be_filled_too(output):
    schema = output.model_json_schema()
    jsonschema.Draft202012Validator(schema).validate(synthesise(schema))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("topic", ["Rust", "日本語", "C++ & friends / 2026", ""])
def test_every_seed_and_topic_gives_a_sound_curriculum(seed, topic):
    written = write("curriculum", f'{{"topic": "{topic}"}}', seed)
    assert problems(Curriculum.model_validate(written)) == []


def test_another_seed_is_another_roadmap():
    assert len({str(write("curriculum", '{"topic": "Rust"}', seed)) for seed in range(5)}) == 5


def test_a_slug_is_never_empty():
    assert [slug(text) for text in ("Rust for Robots!", "日本語", "")] == [
        "rust-for-robots",
        "topic",
        "topic",
    ]
