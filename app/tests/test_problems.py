"""A problem document is bounded, however large the request was."""

import json

import pytest

from app.api.problems import MOST_FIELDS, Kind

MOST_BYTES = 16_384
REGISTER, ROADMAPS = "/api/v1/auth/register", "/api/v1/roadmaps"
KNOWN = {"email": "a@example.com", "username": "ada", "password": "x" * 12}


def body(**fields):
    return json.dumps(fields, ensure_ascii=False)


HOSTILE = {
    "many keys": body(**{f"k{n}": 1 for n in range(5_000)}),
    "a long key": body(**{"k" * 60_000: 1}),
    "a key of slashes": body(**{"/~" * 30_000: 1}),
    "keys of control characters": body(**{"\x01" * 400 + str(n): 1 for n in range(20)}),
    "keys of half characters": json.dumps({"\ud800" * 400 + str(n): 1 for n in range(20)}),
    "keys of many bytes": body(**{"\U0001f600" * 400 + str(n): 1 for n in range(20)}),
    "a long e-mail": body(**KNOWN | {"email": "a@" + "b" * 50_000 + "!.example"}),
    "a list": "[" + "1," * 20_000 + "1]",
    "a string": json.dumps("x" * 60_000),
    "deep": "[" * 30_000 + "]" * 30_000,
    "a long number": "[" + "1" * 60_000 + "]",
    "a number that is none": '{"email": NaN, "username": 1e999999, "password": -Infinity}',
    "no JSON": "{" * 60_000,
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("path", [REGISTER, ROADMAPS, "/api/v1/auth/login", "/api/v1/auth/password/reset"])
async def test_a_body_that_is_wrong_in_many_ways_is_answered_in_few_words(api, signed_in, what, path):
    headers = signed_in | {"Content-Type": "application/json"}
    answer = await api.post(path, content=HOSTILE[what].encode(), headers=headers)
    assert answer.status_code == Kind.INVALID_REQUEST.status, answer.text[:500]
    assert len(answer.content) < MOST_BYTES
    assert len(answer.json()["errors"]) <= MOST_FIELDS


async def test_it_says_how_much_it_does_not_tell(api):
    answer = await api.post(REGISTER, json=KNOWN | {f"k{n}": 1 for n in range(1_000)})
    told = answer.json()
    assert [one["pointer"] for one in told["errors"]] == [f"/body/k{n}" for n in range(MOST_FIELDS)]
    assert told["detail"].endswith(f"; and {1_000 - MOST_FIELDS} more")
    few = await api.post(REGISTER, json=KNOWN | {"one": 1, "two": 2})
    assert few.json()["detail"] == (
        "/body/one: Extra inputs are not permitted; /body/two: Extra inputs are not permitted"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/" + "x" * 60_000,
        "/" + "%01" * 20_000,
        "/" + "%F0%9F%98%80" * 5_000,
        "/api/v1/roadmaps/" + "x" * 60_000,
        "/api/v1/roadmaps?" + "&".join(f"status=k{n}" for n in range(5_000)),
        "/api/v1/roadmaps?cursor=" + "x" * 60_000,
        "/health/ready?" + "&".join(f"check=k{n}" for n in range(5_000)),
    ],
)
async def test_an_address_is_not_repeated_at_length(api, signed_in, path):
    answer = await api.get(path, headers=signed_in)
    assert answer.status_code >= 400
    assert len(answer.content) < MOST_BYTES
