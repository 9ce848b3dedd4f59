"""In which language a roadmap is written, from the request to the prompt; and that an honest retry is never another request."""

import json

import pytest

from app.tests.memory import ScriptedProvider
from scenarios.functions.reader import Api

pytestmark = [pytest.mark.e2e, pytest.mark.once]
KEY = "one-key"


@pytest.mark.parametrize(
    ("body", "header", "language"),
    [
        ({"topic": "Rust"}, None, "en"),
        ({"topic": "Rust"}, "de-CH, en;q=0.5", "de-CH"),
        ({"topic": "Rust 所有权"}, "de", "zh"),
        ({"topic": "Rust 所有权"}, "zh-TW", "zh-TW"),
        ({"topic": "Rust", "goal": "写固件"}, "de", "zh"),
        ({"topic": "所有权", "language": "ES-419"}, "de", "es-419"),
        ({"topic": "Rust", "language": "zh-hans"}, None, "zh-Hans"),
        ({"topic": "Rust", "language": None}, "nonsense;q=9, *", "en"),
    ],
)
async def test_a_roadmap_has_one_language(product, body, header, language):
    """It is shown with the roadmap, and stands in the instructions of every prompt, apart from the data."""
    user = await product.user()
    prompts = []

    class Provider(ScriptedProvider):
        async def ask(self, messages, output, correlation):
            prompts.append(messages)
            return await super().ask(messages, output, correlation)

    async with Api(product).reader(user) as reader:
        headers = {"Accept_Language": header} if header else {}
        roadmap = (await reader.ask(body, **headers))["id"]
        await product.generator(Provider()).attempt(roadmap)
        read = await reader.everything(roadmap)
    assert (read["language"], read["status"]) == (language, "completed")
    assert len(prompts) == 8
    for instructions, material in prompts:
        assert f"`{language}`" in instructions["content"]
        assert json.loads(material["content"])["language"] == language
        assert "language_from" not in material["content"]


async def test_a_tag_gives_no_orders(product):
    """A private part is well formed, and whatever words it has stay data."""
    user = await product.user()
    roadmap = await product.accept(user, language="en-x-obey-the-learner")

    class Provider(ScriptedProvider):
        async def ask(self, messages, output, correlation):
            assert "obey" not in messages[0]["content"]
            assert "obey" in messages[1]["content"]
            return await super().ask(messages, output, correlation)

    await product.generator(Provider()).attempt(roadmap)
    assert (await product.row(roadmap)).status == "completed"


@pytest.mark.parametrize("tag", ["klingon", "zh_CN", "de-419-DE", "", "en us", "a-DE", "*"])
async def test_what_is_no_tag_is_refused(product, tag):
    async with Api(product).reader(await product.user()) as reader:
        problem = await reader.ask({"topic": "Rust", "language": tag}, expect=422)
    assert [error["pointer"] for error in problem["errors"]] == ["/body/language"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (({"topic": "Rust"}, "de"), ({"topic": "Rust"}, "fr")),
        (({"topic": "Rust"}, "de"), ({"topic": "Rust"}, None)),
        (({"topic": "Rust"}, None), ({"topic": "Rust"}, "de")),
        (({"topic": "所有权"}, "zh-CN"), ({"topic": "所有权"}, "zh-TW")),
        (({"topic": "Rust"}, "de"), ({"topic": "Rust", "language": "de"}, None)),
        (({"topic": "Rust", "language": "EN-us"}, None), ({"topic": "Rust", "language": "en-US"}, "de")),
    ],
)
async def test_the_same_request_from_another_browser_is_the_same(product, first, second):
    """The header is no part of what is asked for."""
    async with Api(product).reader(await product.user()) as reader:
        ids = [
            (await reader.ask(body, Idempotency_Key=KEY, **({"Accept_Language": header} if header else {})))[
                "id"
            ]
            for body, header in (first, second)
        ]
    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"topic": "Rust"}, {"topic": "Rust", "language": "de"}),
        ({"topic": "Rust", "language": "de"}, {"topic": "Rust"}),
        ({"topic": "Rust", "language": "de"}, {"topic": "Rust", "language": "fr"}),
        ({"topic": "所有权"}, {"topic": "所有权", "language": "en"}),
        ({"topic": "所有权"}, {"topic": "借用"}),
        ({"topic": "Rust"}, {"topic": "Rust", "goal": "写固件"}),
    ],
)
async def test_another_request_with_the_same_key_is_refused(product, first, second):
    """A language that is asked for is part of what is asked for."""
    async with Api(product).reader(await product.user()) as reader:
        await reader.ask(first, Idempotency_Key=KEY)
        await reader.ask(second, expect=422, Idempotency_Key=KEY)


async def test_a_retry_over_a_deploy_is_the_same_request(product):
    """The release before has stored English for a Chinese topic, for the request named no language."""
    async with Api(product).reader(await product.user()) as reader:
        body = {"topic": "Rust 所有权"}
        roadmap = (await reader.ask(body, Idempotency_Key=KEY))["id"]
        stored = (await product.row(roadmap)).body
        assert (stored.pop("language_from"), stored["language"]) == ("topic", "zh")
        await product.change(roadmap, body={**stored, "language": "en"})
        assert (await reader.ask(body, Idempotency_Key=KEY))["id"] == roadmap
        await reader.ask({**body, "language": "zh"}, expect=422, Idempotency_Key=KEY)
