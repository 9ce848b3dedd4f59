"""An answer that passes can be stored, shown and sent back: tests of the limits that a strict schema cannot express."""

import json
from copy import deepcopy

import pytest
from pydantic import ValidationError

from app.schemas import content
from app.schemas.content import Curriculum, IntentAnalysis, Quiz, Resources, Tutorial
from app.tests.memory import ANSWERS

MODELS = {"intent_analysis": IntentAnalysis, "curriculum": Curriculum, "tutorial": Tutorial}
MODELS |= {"resources": Resources, "quiz": Quiz}


def places(value, path=()):
    """Every place in an answer, with its value."""
    yield path, value
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, step))


def changed(answer, path, value):
    whole = deepcopy(answer)
    inside = whole
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    return json.dumps(whole)


TEXTS = [
    (name, path)
    for name, answer in ANSWERS.items()
    for path, value in places(answer)
    if isinstance(value, str) and path[-1] not in {"level", "kind"}
]


@pytest.mark.parametrize(("name", "path"), TEXTS, ids=str)
@pytest.mark.parametrize(
    "text",
    ["", " \n\u3000", "a\x00b", "x" * (content.ARTICLE_LENGTH + 1), None, 7, True, [], {}],
    ids=["empty", "blank", "NUL", "long", "null", "number", "boolean", "list", "object"],
)
def test_every_text_is_one_and_has_a_length(name, path, text):
    with pytest.raises(ValidationError):
        MODELS[name].model_validate_json(changed(ANSWERS[name], path, text))


@pytest.mark.parametrize(("name", "path"), TEXTS, ids=str)
def test_no_text_has_half_a_character(name, path):
    spoilt = changed(ANSWERS[name], path, "https://a.example/here").replace("here", "\\ud800")
    with pytest.raises(ValidationError):
        MODELS[name].model_validate_json(spoilt)
    with pytest.raises(ValidationError):
        MODELS[name].model_validate(json.loads(spoilt))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (name, path)
        for name, answer in ANSWERS.items()
        for path, value in places(answer)
        if isinstance(value, list)
    ],
    ids=str,
)
def test_every_list_has_a_length(name, path):
    answer = ANSWERS[name]
    inside = answer
    for step in path:
        inside = inside[step]
    many = [inside[0] if inside else "a"] * (content.MANY + 1)
    with pytest.raises(ValidationError):
        MODELS[name].model_validate_json(changed(answer, path, many))


@pytest.mark.parametrize("number", [0, -1, 10**6, 10**30, 1.5, "3", True, None])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("intent_analysis", ("weeks",)),
        ("curriculum", ("stages", 0, "modules", 0, "concepts", 0, "estimated_minutes")),
    ],
    ids=str,
)
def test_every_number_is_one_that_makes_sense(name, path, number):
    with pytest.raises(ValidationError):
        MODELS[name].model_validate_json(changed(ANSWERS[name], path, number))


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://",
            "https:///x",
            "https:/x",
            "http://t.example",
            "javascript:alert(1)",
            "//t.example",
            "t",
        ),
        *(
            "https://a b",
            "https://a\tb",
            "https://a\\b",
            "https://a\u202eb",
            "https://a/\u2028b",
            "https://h:99999",
        ),
        *("https://me:secret@t.example", "https://[::1", "https://%00", "https://t.example/" + "x" * 2_000),
    ],
)
def test_an_address_that_programs_read_differently_is_none(url):
    with pytest.raises(ValidationError):
        Resources.model_validate_json(changed(ANSWERS["resources"], ("items", 0, "url"), url))


@pytest.mark.parametrize(
    "url", ["https://t.example", "https://t.example/a?b=c#d", "https://zh.example/所有权", "https://例え.jp"]
)
def test_an_address_is_kept_as_it_is_written(url):
    found = Resources.model_validate_json(changed(ANSWERS["resources"], ("items", 0, "url"), url))
    assert found.items[0].url == url


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("所有权", "所有权"),
        (" tcp/ip ", "tcp/ip"),
        ("memory \n model", "memory model"),
        ("e\u0301", "é"),
        ("Rust", "Rust"),
    ],
)
def test_a_name_is_written_in_one_way(written, name):
    place = ("stages", 0, "modules", 0, "concepts", 1)
    text = changed(ANSWERS["curriculum"], (*place, "prerequisites"), [written])
    concept = Curriculum.model_validate_json(changed(json.loads(text), (*place, "id"), written)).concepts()[1]
    assert (concept.id, concept.prerequisites) == (name, [name])


def test_a_curriculum_of_any_size_is_not_read():
    module = ANSWERS["curriculum"]["stages"][0]["modules"][0]
    full = {**module, "concepts": module["concepts"] * 25}
    whole = {**ANSWERS["curriculum"], "stages": [{"title": "S", "modules": [full] * 11}]}
    with pytest.raises(ValidationError, match="at most 500 concepts"):
        Curriculum.model_validate_json(json.dumps(whole))
