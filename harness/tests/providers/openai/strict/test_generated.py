"""Bad requests made from the description, one rule broken at a time: each is refused with its code, at its place."""

import json

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from harness.providers.errors import RefusedError
from harness.providers.openai.strict import checks
from harness.providers.openai.strict.overlay import CHAT, EMBEDDING, RESPONSE
from harness.providers.openai.strict.wrong import WrongError
from harness.tests.providers.openai.strict.breaking import breaks, good

MADE = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def refused(name, example):
    with pytest.raises(RefusedError) as caught:
        checks.check(name, example.body)
    error = caught.value
    assert (error.status, error.parameter, error.code) == (400, example.parameter or None, example.code), (
        error.message
    )
    assert error.message


def broken(data, name):
    shape = checks.shape_of(name)
    body = data.draw(good(shape))
    shape.check(body)
    found = breaks(body, shape)
    assume(found)
    refused(name, data.draw(st.sampled_from(found)))


@settings(MADE, max_examples=400)
@given(st.data())
def test_of_chat_completions(data):
    broken(data, CHAT)


@settings(MADE, max_examples=150)
@given(st.data())
def test_of_responses(data):
    broken(data, RESPONSE)


@settings(MADE, max_examples=450)
@given(st.data())
def test_of_embeddings(data):
    broken(data, EMBEDDING)


@pytest.fixture(scope="module")
def judge():
    """Another reader of the same description."""
    shape = checks.shape_of(CHAT)
    known = json.loads(json.dumps(shape._schemas))

    def nullable(node):
        if isinstance(node, list):
            return [nullable(each) for each in node]
        if not isinstance(node, dict):
            return node
        walked = {name: nullable(each) for name, each in node.items()}
        return {"anyOf": [walked, {"type": "null"}]} if walked.pop("nullable", None) is True else walked

    components = {"schemas": nullable(known)}
    whole = {"$ref": f"#/components/schemas/{CHAT}", "components": components}
    return jsonschema.Draft202012Validator(whole)


@settings(MADE, max_examples=50)
@given(st.data())
def test_a_validator_of_json_schema_agrees(judge, data):
    """Whatever it refuses we refuse, and what is good is good to both; an unknown parameter is ours alone to refuse."""
    shape = checks.shape_of(CHAT)
    body = data.draw(good(shape))
    # Said three times in the description, twice of them that it may be null: as the SDK has it, it may.
    assume(body.get("top_logprobs", 0) is not None)
    assert judge.is_valid(body)
    for example in breaks(body, shape)[:20]:
        with pytest.raises(WrongError):
            shape.check(example.body)
        assert example.code == "unknown_parameter" or not judge.is_valid(example.body), example
