"""Each rule between fields: what breaks it is refused with its code and parameter, what keeps it passes."""

import json

import pytest

from harness.providers.correlation import Correlation
from harness.providers.errors import RefusedError
from harness.providers.openai.embeddings import EmbeddingBody
from harness.providers.openai.errors import error_body
from harness.providers.openai.request import ChatBody, Request
from harness.providers.openai.strict import checks
from harness.providers.openai.strict.overlay import CHAT, EMBEDDING, RESPONSE

GOOD = {
    CHAT: {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]},
    RESPONSE: {"model": "gpt-4o-mini", "input": "hi"},
    EMBEDDING: {"model": "text-embedding-3-small", "input": "hi"},
}
EACH = [
    pytest.param(name, rule, id=f"{name}: {rule.says}")
    for name, rules in checks.RULES.items()
    for rule in rules
]


def laid(name, part):
    return {key: value for key, value in {**GOOD[name], **part}.items() if value is not None}


def refusal(body, name=CHAT):
    with pytest.raises(RefusedError) as caught:
        checks.check(name, body)
    found = caught.value
    return error_body(found.status, found.message, found.code, found.parameter, found.kind)["error"]


@pytest.mark.parametrize("name", GOOD)
def test_what_examples_are_laid_over_is_good(name):
    checks.check(name, GOOD[name])


@pytest.mark.parametrize(("name", "rule"), EACH)
def test_a_rule_that_is_broken_is_named(name, rule):
    said = refusal(laid(name, rule.broken), name)
    assert (said["type"], said["code"], said["param"]) == ("invalid_request_error", rule.code, rule.parameter)
    assert said["message"].endswith((".", "is not supported.")) or rule.parameter == "messages"


USER = {"role": "user", "content": "hi"}
TEXT_OUT = {"type": "output_text", "text": "ho"}


@pytest.mark.parametrize(
    "item",
    [
        {"role": "assistant", "content": [TEXT_OUT]},
        {"role": "assistant", "content": [TEXT_OUT], "id": "msg_1"},
        {
            "type": "message",
            "role": "assistant",
            "content": [{**TEXT_OUT, "annotations": []}],
            "status": "completed",
        },
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}], "phase": "final_answer"},
        {"role": "assistant", "content": "ho"},
        {"type": "mcp_approval_response", "approval_request_id": "m", "approve": True},
        {"type": "local_shell_call_output", "id": "l", "output": "{}"},
        {"type": "local_shell_call_output", "id": "l", "call_id": "c", "output": "{}"},
    ],
)
def test_items_as_public_clients_send_them(item):
    checks.check(RESPONSE, laid(RESPONSE, {"input": [USER, item, USER]}))


@pytest.mark.parametrize(
    "call",
    [
        {"type": "tool_search_call", "execution": "client", "status": "completed", "arguments": {}},
        {"type": "custom_tool_call", "name": "c", "input": "x"},
    ],
)
def test_the_output_of_a_function_may_answer_a_call_of_another_kind(call):
    output = {"type": "function_call_output", "call_id": "c1", "output": "found"}
    checks.check(RESPONSE, laid(RESPONSE, {"input": [USER, {**call, "call_id": "c1"}, output, USER]}))


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        (CHAT, {"response_format": None}),
        (EMBEDDING, {"encoding_format": None}),
        (
            CHAT,
            {
                "messages": [
                    USER,
                    {"role": "assistant", "tool_calls": [CALL]},
                    {"role": "tool", "tool_call_id": "c1", "name": "f", "content": "1"},
                ]
            },
        ),
    ],
)
def test_what_recorded_exchanges_have_passes(kind, part):
    body = {**GOOD[kind], **part}
    checks.check(kind, body)
    endpoint = {CHAT: ChatBody, EMBEDDING: EmbeddingBody}[kind]
    assert Request(json.dumps(body).encode(), {}, Correlation(), endpoint).body.model == body["model"]


def test_what_an_assistant_has_said_is_no_input():
    part = {"type": "input_text", "text": "ho"}
    said = refusal(laid(RESPONSE, {"input": [USER, {"role": "assistant", "content": [part]}]}), RESPONSE)
    assert (
        said["message"] == "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'."
    )
    assert (said["param"], said["code"]) == ("input[1].content[0]", "invalid_value")


@pytest.mark.parametrize("number", ["1.0", "1e0"])
def test_a_whole_number_may_be_written_as_a_decimal(number):
    raw = f'{{"model": "m", "messages": [{{"role": "user", "content": "hi"}}], "n": {number}, "seed": {number}}}'
    assert Request(raw.encode(), {}, Correlation()).body.choices == 1


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (
            {"model": "gpt-5.1", "reasoning_effort": "minimal"},
            (
                "Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. "
                "Supported values are: 'none', 'low', 'medium', and 'high'."
            ),
        ),
        (
            {"model": "gpt-5.4-mini", "reasoning_effort": "minimal"},
            (
                "Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. "
                "Supported values are: 'none', 'low', 'medium', 'high', and 'xhigh'."
            ),
        ),
        (
            {"model": "ft:o3-mini-2025-01-31:acme::1", "max_tokens": 5},
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        ),
        (
            {"model": "ft:gpt-4o-mini-2024-07-18:acme::1", "reasoning_effort": "low"},
            "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
        ),
        (
            {"max_tokens": 32768},
            (
                "max_tokens is too large: 32768. This model supports at most 16384 completion tokens, "
                "whereas you provided 32768."
            ),
        ),
        (
            {"model": "o3", "max_completion_tokens": 100_001},
            (
                "max_completion_tokens is too large: 100001. This model supports at most 100000 completion tokens, "
                "whereas you provided 100001."
            ),
        ),
    ],
)
def test_what_a_model_says_of_itself(part, said):
    assert refusal(laid(CHAT, part))["message"] == said


def test_responses_say_it_in_their_own_words():
    body = laid(RESPONSE, {"model": "gpt-5.1", "reasoning": {"effort": "minimal"}})
    said = refusal(body, RESPONSE)
    assert said["message"] == (
        "Unsupported value: 'minimal' is not supported with the 'gpt-5.1' model. "
        "Supported values are: 'none', 'low', 'medium', and 'high'."
    )
    assert (said["param"], said["code"]) == ("reasoning.effort", "unsupported_value")


@pytest.mark.parametrize("effort", ["none", "low", "xhigh"])
def test_later_models_have_more_efforts(effort):
    checks.check(CHAT, laid(CHAT, {"model": "gpt-5.2", "reasoning_effort": effort}))


@pytest.mark.parametrize("strict", [True, False, None])
def test_a_schema_that_is_none_is_refused_strict_or_not(strict):
    described = {"name": "a", "schema": {"type": "object", "properties": []}, "strict": strict}
    said = refusal(laid(CHAT, {"response_format": {"type": "json_schema", "json_schema": described}}))
    assert said["code"] == "invalid_json_schema"
    assert said["message"] == "Invalid schema for response_format 'a': [] is not of type 'object'."
    said = refusal(
        laid(RESPONSE, {"text": {"format": {"type": "json_schema", **described}}}),
        RESPONSE,
    )
    assert (said["param"], said["code"]) == ("text.format.schema", "invalid_json_schema")


@pytest.mark.parametrize(("name", "rule"), EACH)
def test_a_rule_that_is_kept_says_nothing(name, rule):
    checks.check(name, laid(name, rule.kept))


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (
            {"temperature": 3},
            "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
        ),
        ({"n": 0}, "Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead."),
        (
            {"stop": list("abcde")},
            "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.",
        ),
        (
            {"tools": []},
            "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        ),
        (
            {"messages": [{"role": "user", "content": 1}]},
            (
                "Invalid type for 'messages[0].content': expected one of a string or array of objects, "
                "but got an integer instead."
            ),
        ),
        (
            {"reasoning_effort": "bogus"},
            "Invalid value: 'bogus'. Supported values are: 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'.",
        ),
        ({"streem": True}, "Unrecognized request argument supplied: streem"),
        ({"messages": [{"role": "user", "content": "a", "x": 1}]}, "Unknown parameter: 'messages[0].x'."),
        (
            {"messages": [{"role": "user", "content": "a", "name": "a b"}]},
            (
                r"Invalid 'messages[0].name': string does not match pattern. Expected a string that matches the pattern "
                r"'^[^\s<|\\/>]+$'."
            ),
        ),
        (
            {"metadata": {str(number): "" for number in range(17)}},
            (
                "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with "
                "17 properties instead."
            ),
        ),
    ],
)
def test_the_providers_own_words(part, said):
    assert refusal(laid(CHAT, part))["message"] == said


@pytest.mark.parametrize(
    "part",
    [
        {"max_tokens": 5},
        {"temperature": 0.2},
        {"top_p": 0.5},
        {"presence_penalty": 1},
        {"frequency_penalty": 1},
        {"logprobs": True},
        {"logit_bias": {"1": 1}},
        {"parallel_tool_calls": False, "tools": [{"type": "function", "function": {"name": "f"}}]},
    ],
)
@pytest.mark.parametrize("model", ["o1", "o3-mini", "o3-2025-04-16", "o4-mini"])
def test_an_o_model_has_no_parameters_of_sampling(model, part):
    said = refusal(laid(CHAT, {"model": model, **part}))
    assert (said["param"], said["code"]) == (next(iter(part)), "unsupported_parameter")
    assert said["message"].startswith(
        f"Unsupported parameter: '{said['param']}' is not supported with this model."
    )


@pytest.mark.parametrize("model", ["o1", "o3-mini", "gpt-5", "gpt-5.2"])
def test_a_model_that_reasons_says_what_to_use_for_max_tokens(model):
    assert (
        "Use 'max_completion_tokens' instead."
        in refusal(laid(CHAT, {"model": model, "max_tokens": 9}))["message"]
    )


@pytest.mark.parametrize("model", ["gpt-4o-mini", "gpt-4.1", "gpt-3.5-turbo", "my-own-model", "llama3"])
def test_other_models_have_them(model):
    checks.check(CHAT, laid(CHAT, {"model": model, "max_tokens": 5, "temperature": 0.2}))


def test_a_call_is_answered_once():
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    answer = {"role": "tool", "tool_call_id": "c1", "content": "1"}
    messages = [USER, {"role": "assistant", "tool_calls": [call]}, answer, answer]
    said = refusal(laid(CHAT, {"messages": messages}))
    expected = "Duplicate value for 'tool_call_id' of 'c1', in messages[2] and messages[3]."
    assert said["message"] == f"Invalid parameter: {expected}"
    assert said["param"] == "messages.[3].tool_call_id"
    # The same id in a later round is another call's.
    rounds = [USER, {"role": "assistant", "tool_calls": [call]}, answer]
    checks.check(CHAT, laid(CHAT, {"messages": [*rounds, *rounds]}))


def test_tools_may_answer_in_any_order_and_all_calls_of_a_message():
    calls = [
        {"id": name, "type": "function", "function": {"name": "f", "arguments": "{}"}} for name in ("a", "b")
    ]
    answers = [{"role": "tool", "tool_call_id": name, "content": "1"} for name in ("b", "a")]
    messages = [*GOOD[CHAT]["messages"], {"role": "assistant", "tool_calls": calls}, *answers]
    checks.check(CHAT, laid(CHAT, {"messages": messages}))
    assert "call" in refusal(laid(CHAT, {"messages": messages[:-1]}))["message"]
    unknown = {"role": "tool", "tool_call_id": "c", "content": "1"}
    said = refusal(laid(CHAT, {"messages": [*messages, unknown]}))
    assert said["param"] == "messages.[4].tool_call_id"
