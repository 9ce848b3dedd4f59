"""A provider that is only compatible: it refuses the forms that it does not know, and heeds a schema that it is told."""

import json

import openai as sdk
import pytest

from harness.providers.openai.scenario import Scenario
from harness.tests.providers.starting import started

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
FORMS = {
    "json_schema": {"type": "json_schema", "json_schema": {"name": "trip", "strict": True, "schema": SCHEMA}},
    "json_object": {"type": "json_object"},
    "text": {"type": "text"},
}
TOLD = f"Answer with JSON:\n{json.dumps({'name': 'trip', 'schema': SCHEMA})}"
MESSAGES = [{"role": "system", "content": TOLD}, {"role": "user", "content": "where?"}]


async def ask(client, form):
    answer = await client.chat.completions.create(model="m", messages=MESSAGES, response_format=FORMS[form])
    return json.loads(answer.choices[0].message.content)


@pytest.mark.parametrize("dialect", FORMS)
@pytest.mark.parametrize("form", FORMS)
async def test_what_a_dialect_knows_is_answered_and_the_rest_is_refused(client, openai, dialect, form):
    openai.load(Scenario(dialect=dialect))
    names = list(FORMS)
    if names.index(form) >= names.index(dialect):
        assert set(await ask(client, form)) == {"city"}
        assert openai.calls()[0].schema == "trip"
    else:
        with pytest.raises(sdk.BadRequestError, match="response_format"):
            await ask(client, form)


async def test_it_can_be_said_at_any_time_until_the_reset(client, openai):
    openai.dialect("text")
    with pytest.raises(sdk.BadRequestError):
        await ask(client, "json_object")
    with pytest.raises(ValueError, match="refused PUT dialect"):
        openai.dialect("klingon")
    openai.reset()
    assert await ask(client, "json_schema")


async def test_it_is_an_option_too():
    with started("harness.providers.openai", "--dialect", "text") as url:
        async with sdk.AsyncOpenAI(api_key="any", base_url=f"{url}/v1", max_retries=0) as client:
            assert await ask(client, "text")
            with pytest.raises(sdk.BadRequestError):
                await ask(client, "json_object")
