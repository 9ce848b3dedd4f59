"""Bad requests are refused as the provider does: message, parameter, code."""

import json

import pytest

from harness.providers.correlation import Correlation
from harness.providers.errors import RefusedError
from harness.providers.openai.errors import error_body
from harness.providers.openai.request import Request

HI = '"messages": [{"role": "user", "content": "say json"}]'
LOOSE = '{"type": "object", "properties": {"a": {"type": "string"}}}'


def read(body: bytes, headers=None) -> Request:
    return Request(body, headers or {}, Correlation())


def asked(rest: str, headers=None) -> Request:
    return read(f'{{"model": "m", {HI}{", " + rest if rest else ""}}}'.encode(), headers)


def said(error: RefusedError):
    """What the client is told."""
    return error_body(error.status, error.message, error.code, error.parameter, error.kind)["error"]


@pytest.mark.parametrize(
    ("rest", "parameter", "code"),
    [
        ('"temperature": 3', "temperature", "decimal_above_max_value"),
        ('"temperature": "hot"', "temperature", "invalid_type"),
        ('"n": 0', "n", "integer_below_min_value"),
        ('"stop": 1', "stop", "invalid_type"),
        ('"stream": "yes"', "stream", "invalid_type"),
        ('"stream_options": {"usage": true}', "stream_options.usage", "unknown_parameter"),
        ('"streem": true', "streem", "unknown_parameter"),
        ('"top_logprobs": 21, "logprobs": true', "top_logprobs", "integer_above_max_value"),
        (
            '"tools": [{"type": "function", "function": {}}]',
            "tools[0].function.name",
            "missing_required_parameter",
        ),
        ('"tools": null', "tools", "invalid_type"),
        ('"response_format": 7', "response_format", "invalid_type"),
        (
            '"response_format": {"type": "json_schema", "json_schema": {"name": "a b", "schema": {}}}',
            "response_format.json_schema.name",
            "invalid_value",
        ),
        (
            f'"response_format": {{"type": "json_schema", "json_schema": {{"name": "a", "strict": true, "schema": {LOOSE}}}}}',
            "response_format",
            "invalid_json_schema",
        ),
    ],
)
def test_what_is_wrong_is_named(rest, parameter, code):
    with pytest.raises(RefusedError) as caught:
        asked(rest)
    error = said(caught.value)
    assert (error["param"], error["code"], error["type"]) == (parameter, code, "invalid_request_error")
    assert parameter.rpartition(".")[2].partition("[")[0] in error["message"]


@pytest.mark.parametrize(
    ("rest", "parameter", "supported"),
    [
        ('"tools": [{"type": "magic"}]', "tools[0].type", "'function' and 'custom'"),
        (
            '"response_format": {"type": "xml"}',
            "response_format.type",
            "'text', 'json_schema', and 'json_object'",
        ),
    ],
)
def test_of_a_value_that_there_is_not_the_message_has_those_that_there_are(rest, parameter, supported):
    with pytest.raises(RefusedError, match=f"Supported values are: {supported}") as caught:
        asked(rest)
    assert (said(caught.value)["param"], said(caught.value)["code"]) == (parameter, "invalid_value")


@pytest.mark.parametrize(
    ("body", "parameter", "code"),
    [
        (b"{}", "model", "missing_required_parameter"),
        (b'{"model": "m"}', "messages", "missing_required_parameter"),
        (b'{"model": "m", "messages": []}', "messages", "empty_array"),
        (b'{"model": "m", "messages": [{}]}', "messages[0].role", "missing_required_parameter"),
        (b'{"model": "m", "messages": [{"role": "boss"}]}', "messages[0].role", "invalid_value"),
        (
            b'{"model": "m", "messages": [{"role": "user", "content": 1}]}',
            "messages[0].content",
            "invalid_type",
        ),
        (b"\xff", None, None),
        (b"[1]", None, "invalid_type"),
        (b'{"model": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", None, None),
        (b'{"a": ' * 5_000 + b"1" + b"}" * 5_000, None, None),
    ],
)
def test_the_outline_of_a_request_is_checked(body, parameter, code):
    with pytest.raises(RefusedError) as caught:
        read(body)
    assert (said(caught.value)["param"], said(caught.value)["code"]) == (parameter, code)


@pytest.mark.parametrize(
    "rest",
    [
        "",
        '"stop": ["a", "b"], "seed": -1, "user": "u", "logit_bias": {"1": -100}',
        '"stop": null, "stream": null, "temperature": null, "n": null',
        '"response_format": {"type": "text"}',
        '"response_format": {"type": "json_object"}',
        f'"response_format": {{"type": "json_schema", "json_schema": {{"name": "a", "schema": {LOOSE}}}}}',
        '"tools": [{"type": "function", "function": {"name": "f"}}, {"type": "custom", "custom": {"name": "c"}}]',
    ],
)
def test_what_is_right_passes(rest):
    assert asked(rest).asked.model == "m"


def test_a_json_object_needs_the_word_json():
    with pytest.raises(RefusedError, match="the word 'json'"):
        read(
            b'{"model": "m", "messages": [{"role": "user", "content": "hi"}], "response_format": {"type": "json_object"}}'
        )


def test_the_last_message_counts_and_may_have_parts():
    body = b'{"model": "m", "messages": [{"role": "user", "content": "first"}, {"role": "user", "content": [%b]}]}'
    parts = b'{"type": "text", "text": "one "}, {"type": "image_url", "image_url": {"url": "data:"}}, {"type": "text", "text": "two"}'
    assert read(body % parts).asked.message == "one two"


@pytest.mark.parametrize("lenient", [False, True])
def test_a_message_of_brackets_is_a_text_like_any_other(lenient):
    """It may be JSON that names a concept, or tells a form; nobody reads it to any depth."""
    for deep in ('{"a":' * 5_000 + "1" + "}" * 5_000, "[" * 5_000):
        body = {
            "model": "m",
            "messages": [{"role": "system", "content": deep}, {"role": "user", "content": deep}],
        }
        about = Correlation(concept_at="concept.id")
        assert Request(json.dumps(body).encode(), {}, about, lenient=lenient).body.format.schema is None


@pytest.mark.parametrize(
    ("header", "request_id", "key", "attempt"),
    [
        ("r1/quiz/c1/2", "r1", "r1/quiz/c1", 2),
        ("r1/intent/-/1", "r1", "r1/intent/", 1),
        ("anything", "", "anything", 4),
        (None, "", "/say json", 4),
    ],
)
def test_what_is_asked_is_known_by_the_correlation_or_by_the_question(header, request_id, key, attempt):
    headers = {b"x-stainless-retry-count": b"3"}
    if header:
        headers[b"x-client-request-id"] = header.encode()
    found = asked("", headers).asked
    assert (found.request, found.key, found.attempt) == (request_id, key, attempt)


@pytest.mark.parametrize(
    ("message", "header", "concept", "concept_id"),
    [
        ({"topic": "Rust", "concept": {"id": "所有权", "title": "T"}}, "r1/quiz/c1/1", "所有权", "c1"),
        ({"concept": {"id": "tcp/ip"}, "topic": "Rust"}, "r1/quiz/tcp%2Fip/1", "tcp/ip", "tcp/ip"),
        ({"topic": "Rust"}, "r1/quiz/c1/1", "c1", "c1"),
        ({"topic": "Rust", "concept": {"title": "T"}}, "r1/quiz/c1/1", "c1", "c1"),
        ({"topic": "Rust", "concept": "b"}, "r1/quiz/c1/1", "c1", "c1"),
        ("no JSON", "r1/quiz/c1/1", "c1", "c1"),
        ({"topic": "Rust", "concept": {"id": "b"}}, "r1/intent/-/1", "", ""),
        ({"topic": "Rust", "concept": {"id": "b"}}, "anything", "", ""),
    ],
)
def test_a_concept_is_called_as_its_author_calls_it_and_joined_by_its_id(
    message, header, concept, concept_id
):
    text = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()
    correlation = Correlation(concept_at="concept.id")
    found = Request(body, {b"x-client-request-id": header.encode()}, correlation).asked
    assert (found.concept, found.concept_id) == (concept, concept_id)


@pytest.mark.parametrize(("mode", "choice"), [("auto", "auto"), ("required", "g")])
def test_of_allowed_tools_the_first_has_to_be_called_where_one_has_to(mode, choice):
    tools = [{"type": "function", "function": {"name": name}} for name in ("f", "g", "h")]
    wanted = {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools[1:]}}
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "tools": tools,
        "tool_choice": wanted,
    }
    assert read(json.dumps(body).encode()).body.choice == choice
