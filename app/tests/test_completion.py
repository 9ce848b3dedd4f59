"""An answer of the provider that is wrong in any one place: an error with its cost, never anything else."""

import json
from copy import deepcopy

import pytest

from app.roadmaps.answer import Cost, ProviderError
from app.roadmaps.completion import MOST_TOKENS, read
from app.roadmaps.provider import MOST_BYTES
from app.schemas.content import LONGEST_ANSWER, IntentAnalysis, Tutorial
from app.tests.memory import INTENT

COMPLETION = {
    "id": "c1",
    "object": "chat.completion",
    "created": 0,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": json.dumps(INTENT), "refusal": None},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 7, "completion_tokens": 11, "total_tokens": 18},
}
ODD = (None, True, 7, -1, 0.5, "", "text", [], ["x"], [None], {}, {"x": 1})


def changed(path, value):
    whole = deepcopy(COMPLETION)
    inside = whole
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    return json.dumps(whole).encode()


def ended(body):
    with pytest.raises(ProviderError) as caught:
        read(body, IntentAnalysis)
    return caught.value


def test_a_completion_is_read():
    answer = read(json.dumps(COMPLETION).encode(), IntentAnalysis)
    assert (answer.value.model_dump(), answer.cost) == (INTENT, Cost(7, 11))
    assert read(b"\xef\xbb\xbf" + json.dumps(COMPLETION).encode(), IntentAnalysis) == answer


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize(
    "path",
    [
        ("choices",),
        ("choices", 0),
        ("choices", 0, "message"),
        ("choices", 0, "finish_reason"),
    ],
    ids=lambda path: ".".join(map(str, path)),
)
def test_what_is_no_completion_is_malformed_and_paid_for(path, odd):
    error = ended(changed(path, odd))
    assert (error.code, error.transient, error.cost) == ("malformed", True, Cost(7, 11))


@pytest.mark.parametrize("odd", [7, True, [], {}, ["text"], 0.5], ids=repr)
@pytest.mark.parametrize("field", ["content", "refusal"])
def test_words_that_are_none_are_malformed(field, odd):
    error = ended(changed(("choices", 0, "message", field), odd))
    assert (error.code, error.cost) == ("malformed", Cost(7, 11))


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("field", ["id", "object", "created", "model", "service_tier"])
def test_what_we_have_no_use_for_may_be_anything(field, odd):
    assert read(changed((field,), odd), IntentAnalysis).cost == Cost(7, 11)


@pytest.mark.parametrize(
    "odd", [None, True, -1, -1.0, 0.5, "7", "7.0", [], {}, MOST_TOKENS + 1, 10**30, 1e300], ids=repr
)
def test_each_count_is_believed_by_itself(odd):
    assert read(changed(("usage", "prompt_tokens"), odd), IntentAnalysis).cost == Cost(0, 11)
    assert read(changed(("usage", "completion_tokens"), odd), IntentAnalysis).cost == Cost(7, 0)


@pytest.mark.parametrize(("told", "tokens"), [(7.0, 7), (0.0, 0), (-0.0, 0), (1e7, MOST_TOKENS)])
def test_a_whole_number_may_be_written_as_a_fraction(told, tokens):
    cost = read(changed(("usage", "prompt_tokens"), told), IntentAnalysis).cost
    assert (cost, type(cost.prompt_tokens)) == (Cost(tokens, 11), int)


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_usage_may_be_anything(odd):
    assert read(changed(("usage",), odd), IntentAnalysis).cost == Cost()


def test_usage_may_be_missing():
    without = {name: value for name, value in COMPLETION.items() if name != "usage"}
    assert read(json.dumps(without).encode(), IntentAnalysis).cost == Cost()


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"null",
            b"7",
            b'"text"',
            b"[]",
            b"[1]",
            b"{}",
            b"true",
            b"{",
            b"\xff\xfe",
            b"{} {}",
            b"<html>",
        ),
        *(b"[" * 100_000, b'{"choices":' * 50_000, b'{"choices": [' + b"9" * 5_000 + b"]}"),
        json.dumps(COMPLETION).encode("utf-16"),
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_no_object_is_malformed(body):
    error = ended(body)
    assert (error.code, error.transient, error.cost) == ("malformed", True, Cost())


@pytest.mark.parametrize("spoilt", [b'"\\ud800"', b"NaN", b"-Infinity", b'"\xff"'])
def test_json_that_is_none_tells_its_cost_all_the_same(spoilt):
    body = json.dumps({**COMPLETION, "id": "here"}).encode().replace(b'"here"', spoilt)
    assert (ended(body).code, ended(body).cost) == ("malformed", Cost(7, 11))


def test_of_a_key_that_comes_twice_the_last_counts():
    body = json.dumps(COMPLETION).encode()[:-1] + b', "choices": null}'
    assert ended(body).code == "malformed"


@pytest.mark.parametrize("escaped", [False, True], ids=["as it is", "escaped"])
@pytest.mark.parametrize("letter", ["x", "学", "🎉"])
def test_the_longest_answer_fits_into_the_bytes_that_are_read(letter, escaped):
    def tutorial(more):
        sections = [{"heading": "H", "body": letter * length} for length in [*[39_900] * 12, more]]
        return json.dumps({"title": "T", "sections": sections}, ensure_ascii=False)

    longest = tutorial(1 + LONGEST_ANSWER - len(tutorial(1)))
    assert len(longest) == LONGEST_ANSWER
    body = changed(("choices", 0, "message", "content"), longest)
    if not escaped:
        body = json.dumps(json.loads(body), ensure_ascii=False).encode()
    assert len(body) <= MOST_BYTES
    assert len(read(body, Tutorial).value.sections) == 13


def test_an_answer_that_is_a_book_is_of_another_form_than_asked():
    sections = [{"heading": "H", "body": "学" * 40_000}] * 50  # each within its limit
    content = json.dumps({"title": "T", "sections": sections}, ensure_ascii=False)
    with pytest.raises(ProviderError) as caught:
        read(changed(("choices", 0, "message", "content"), content), Tutorial)
    assert (caught.value.code, caught.value.cost) == ("wrong_schema", Cost(7, 11))
