"""Responses as the official SDK reads them: whole, in events, with tools, scripted, stored."""

import json

import httpx2
import openai as sdk
import pytest

from harness.providers.openai.steps import Usage

PATH = "/responses"
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
TRIP = {"format": {"type": "json_schema", "name": "trip", "strict": True, "schema": SCHEMA}}
WEATHER = {"type": "function", "name": "weather", "parameters": SCHEMA, "strict": True}


def ask(client, given="Say hello", **more):
    return client.responses.create(model="gpt-4o-mini", input=given, **more)


async def test_an_answer_is_the_same_every_time_but_for_its_id(client):
    first, second = await ask(client), await ask(client)
    assert first.output_text == second.output_text == "A short and helpful answer."
    assert first.id.startswith("resp_")
    assert first.id != second.id
    assert (first.object, first.status, first.output[0].role) == ("response", "completed", "assistant")
    assert first.usage.total_tokens == first.usage.input_tokens + first.usage.output_tokens > 0


async def test_what_is_asked_is_shown_again(client):
    answer = await ask(
        client, instructions="Be kind", max_output_tokens=900, temperature=0.5, metadata={"a": "b"}
    )
    assert (answer.instructions, answer.max_output_tokens, answer.temperature) == ("Be kind", 900, 0.5)
    assert answer.metadata == {"a": "b"}


async def test_a_schema_is_filled(client):
    found = json.loads((await ask(client, text=TRIP)).output_text)
    assert set(found) == {"city", "days"}
    assert found["days"] >= 1


async def test_the_sdk_parses_a_model_of_pydantic(client):
    from pydantic import BaseModel

    class Trip(BaseModel):
        city: str
        days: int

    answer = await client.responses.parse(model="m", input="A trip", text_format=Trip)
    assert isinstance(answer.output_parsed, Trip)


async def test_events_come_in_order_and_add_up(client, openai):
    openai.on(path=PATH).reply("A long answer that takes more than one chunk to say.")
    events = [event async for event in await ask(client, stream=True)]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    kinds = [event.type.removeprefix("response.") for event in events]
    assert kinds[:4] == ["created", "in_progress", "output_item.added", "content_part.added"]
    assert kinds[-4:] == ["output_text.done", "content_part.done", "output_item.done", "completed"]
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == events[-1].response.output_text == "A long answer that takes more than one chunk to say."
    assert len({event.response.id for event in events if hasattr(event, "response")}) == 1
    assert events[0].response.status == "in_progress"
    assert events[-1].response.usage.output_tokens > 0
    (call,) = openai.calls()
    assert (call.path, call.streamed, call.completion_tokens) == (
        PATH,
        True,
        events[-1].response.usage.output_tokens,
    )


async def test_the_sdks_own_stream_reads_them(client):
    async with client.responses.stream(model="gpt-4o-mini", input="hi", text=TRIP) as stream:
        final = await stream.get_final_response()
    assert set(json.loads(final.output_text)) == {"city", "days"}


async def test_a_function_that_must_be_called_is_called(client):
    answer = await ask(client, tools=[WEATHER], tool_choice="required")
    (call,) = answer.output
    assert (call.type, call.name) == ("function_call", "weather")
    assert set(json.loads(call.arguments)) == {"city", "days"}
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
    assert (await ask(client, [output], previous_response_id=answer.id)).output_text
    events = [e async for e in await ask(client, tools=[WEATHER], tool_choice="required", stream=True)]
    pieces = "".join(e.delta for e in events if e.type == "response.function_call_arguments.delta")
    assert pieces == call.arguments
    named = {"type": "function", "name": "weather"}
    assert (await ask(client, tools=[WEATHER], tool_choice=named)).output[0].name == "weather"
    assert (await ask(client, tools=[WEATHER])).output_text


async def test_scripts_say_what_is_answered(client, openai):
    openai.on(path=PATH, contains="Rust").fail(429, times=1).reply({"city": "Rome", "days": 2}, usage=(7, 9))
    with pytest.raises(sdk.RateLimitError):
        await ask(client, "of Rust", text=TRIP)
    answer = await ask(client, "of Rust", text=TRIP)
    assert json.loads(answer.output_text) == {"city": "Rome", "days": 2}
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (7, 9)
    assert openai.totals()["completion_tokens"] == 9
    assert Usage(7, 9).prompt_tokens == 7


async def test_a_scripted_answer_has_to_fit(client, openai):
    openai.on(path=PATH).reply({"city": 1})
    with pytest.raises(sdk.APIStatusError, match="does not fit trip"):
        await ask(client, text=TRIP)


async def test_refusals_and_limits(client, openai):
    openai.on(path=PATH, contains="a").refuse()
    openai.on(path=PATH, contains="b").filter()
    openai.on(path=PATH, contains="c").reply("x" * 100)
    refused = await ask(client, "a")
    assert refused.output[0].content[0].refusal == "I cannot help with that."
    assert (await ask(client, "b")).incomplete_details.reason == "content_filter"
    cut = await ask(client, "c", max_output_tokens=16)
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert len(cut.output_text) == 64
    events = [event async for event in await ask(client, "c", max_output_tokens=16, stream=True)]
    assert events[-1].type == "response.incomplete"


async def test_a_response_is_kept_unless_it_is_said_not_to_be(client):
    first = await ask(client, [{"role": "user", "content": "hi"}])
    shown = await client.responses.retrieve(first.id)
    assert shown.output_text == first.output_text
    items = await client.responses.input_items.list(first.id)
    assert [item.content[0].text for item in items.data] == ["hi"]
    assert (await ask(client, previous_response_id=first.id)).previous_response_id == first.id
    await client.responses.delete(first.id)
    with pytest.raises(sdk.NotFoundError):
        await client.responses.retrieve(first.id)
    with pytest.raises(sdk.BadRequestError, match="not found") as caught:
        await ask(client, previous_response_id=first.id)
    assert caught.value.code == "previous_response_not_found"
    unkept = await ask(client, store=False)
    with pytest.raises(sdk.NotFoundError):
        await client.responses.retrieve(unkept.id)


async def test_a_bad_request_is_refused_and_written_down(client, openai):
    with pytest.raises(sdk.BadRequestError, match="only allowed when 'stream'") as caught:
        await ask(client, stream_options={"include_obfuscation": False})
    assert caught.value.param == "stream_options"
    (call,) = openai.calls()
    assert (call.path, call.outcome) == (PATH, "rejected")


@pytest.mark.parametrize("how", ["reset", "close", "short"])
async def test_a_stream_that_is_cut_is_an_error(client, openai, how):
    openai.on(path=PATH).cut(how)
    with pytest.raises((sdk.APIError, httpx2.HTTPError)):
        [event async for event in await ask(client, stream=True)]


async def test_a_stream_may_end_early_in_good_order(client, openai):
    openai.on(path=PATH).cut("early")
    kinds = [event.type async for event in await ask(client, stream=True)]
    assert kinds[0] == "response.created"
    assert "response.completed" not in kinds


async def test_what_goes_on_answers_the_calls_before_it_and_no_others(client):
    first = await ask(client, tools=[WEATHER], tool_choice="required")
    call = first.output[0]
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
    with pytest.raises(sdk.BadRequestError, match=f"No tool output found for function call {call.call_id}"):
        await ask(client, "and now?", previous_response_id=first.id)
    with pytest.raises(
        sdk.BadRequestError, match="No tool call found for function call output with call_id c"
    ):
        await ask(client, [output, {**output, "call_id": "c"}], previous_response_id=first.id)
    with pytest.raises(sdk.BadRequestError, match=f"Duplicate item found with id {call.id}"):
        await ask(client, [call.to_dict(), output], previous_response_id=first.id)
    second = await ask(client, [output], previous_response_id=first.id)
    assert (await ask(client, "thanks", previous_response_id=second.id)).output_text
    with pytest.raises(sdk.BadRequestError, match="No tool call found"):
        await ask(client, [{**output, "call_id": "c"}], previous_response_id=second.id)


async def test_a_call_may_be_referred_to_by_who_answers_it(client):
    call = (await ask(client, tools=[WEATHER], tool_choice="required")).output[0]
    reference = {"type": "item_reference", "id": call.id}
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
    assert (await ask(client, [reference, output])).output_text
    with pytest.raises(sdk.BadRequestError, match="No tool output found"):
        await ask(client, [reference, {"role": "user", "content": "hi"}])
    with pytest.raises(sdk.BadRequestError, match="No tool call found"):
        await ask(client, [reference, output, {**output, "call_id": "c"}])


async def test_an_item_that_is_referred_to_has_to_be_there(client):
    first = await ask(client)
    kept = [{"type": "item_reference", "id": first.output[0].id}, {"role": "user", "content": "Go on"}]
    assert (await ask(client, kept)).status == "completed"
    forgotten = await ask(client, store=False)
    for item in ("msg_none", forgotten.output[0].id):
        with pytest.raises(sdk.NotFoundError, match=f"Item with id '{item}' not found") as caught:
            await ask(client, [{"type": "item_reference", "id": item}, *kept])
        assert (caught.value.param, caught.value.code) == ("input", None)
