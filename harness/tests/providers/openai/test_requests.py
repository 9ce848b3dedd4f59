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
        ('"temperature": 3', "temperature", "invalid_value"),
        ('"temperature": "hot"', "temperature", "invalid_type"),
        ('"n": 0', "n", "invalid_value"),
        ('"stop": 1', "stop", "invalid_type"),
        ('"stream": "yes"', "stream", "invalid_type"),
        ('"stream_options": {"usage": true}', "stream_options.usage", "unknown_parameter"),
        ('"streem": true', "streem", "unknown_parameter"),
        ('"top_logprobs": 21', "top_logprobs", "invalid_value"),
        ('"tools": [{"type": "magic"}]', "tools[0].type", "invalid_value"),
        ('"tools": [{"type": "function", "function": {}}]', "tools[0].function.name", "invalid_value"),
        ('"response_format": 7', "response_format", "invalid_type"),
        ('"response_format": {"type": "xml"}', "response_format.type", "invalid_value"),
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
        '"response_format": null, "stream": null, "tools": null',
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
        read(b'{"model": "m", "messages": [{"role": "user"}], "response_format": {"type": "json_object"}}')


def test_the_last_message_counts_and_may_have_parts():
    body = b'{"model": "m", "messages": [{"role": "user", "content": "first"}, {"role": "user", "content": [%b]}]}'
    parts = b'{"type": "text", "text": "one "}, {"type": "image_url", "image_url": {"url": "data:"}}, {"type": "text", "text": "two"}'
    assert read(body % parts).asked.message == "one two"


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
