"""Embeddings as the official SDK reads them: the same every time, near where the texts are, of the size that is asked."""

import math

import openai as sdk
import pytest

from harness.providers.openai.embeddings import vector

SMALL = "text-embedding-3-small"


async def embedded(client, given, **more):
    answer = await client.embeddings.create(model=more.pop("model", SMALL), input=given, **more)
    return [each.embedding for each in answer.data]


def near(one, other):
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_the_same_text_has_the_same_vector_however_it_is_sent(client):
    (packed,), (plain,) = (
        await embedded(client, "hello"),
        await embedded(client, ["hello"], encoding_format="float"),
    )
    assert len(packed) == 1536
    assert packed == pytest.approx(plain, abs=1e-6)
    assert math.hypot(*packed) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("size", [256, 1536])
async def test_neighbours_are_near(client, size):
    cat, cats, kitten, tax = await embedded(
        client,
        [
            "The cat sat on the mat",
            "The cats sat on the mats",
            "A kitten is sitting on a mat",
            "Income tax returns are due in April",
        ],
        dimensions=size,
    )
    assert near(cat, cats) > near(cat, kitten) > near(cat, tax)
    assert near(cat, cats) > 0.5
    assert abs(near(cat, tax)) < 0.3


@pytest.mark.parametrize("text", ["a", "日本語", "...", "😀", " "])
def test_every_text_has_a_vector(text):
    assert math.hypot(*vector(text, 8)) == pytest.approx(1, abs=1e-5)


async def test_sizes_and_models(client):
    assert len((await embedded(client, "a", model="text-embedding-3-large"))[0]) == 3072
    assert len((await embedded(client, "a", dimensions=8))[0]) == 8
    for bad in (
        {"dimensions": 2000},
        {"model": "text-embedding-ada-002", "dimensions": 8},
        {"dimensions": 0},
    ):
        with pytest.raises(sdk.BadRequestError):
            await embedded(client, "a", **bad)


async def test_tokens_are_inputs_too_and_are_counted(client, openai):
    answer = await client.embeddings.create(model=SMALL, input=[[1, 2, 3], [1, 2, 4]])
    first, second = (each.embedding for each in answer.data)
    assert near(first, second) > 0.3
    assert answer.usage.prompt_tokens == answer.usage.total_tokens == 6
    (call,) = openai.calls(path="/embeddings")
    assert (call.prompt_tokens, call.completion_tokens, call.model) == (6, 0, SMALL)


async def test_scripts_hold_for_them(client, openai):
    openai.on(path="/embeddings").fail(503, times=1)
    with pytest.raises(sdk.InternalServerError):
        await embedded(client, "a")
    assert await embedded(client, "a")


@pytest.mark.parametrize("asked", ["batches", "files"])
async def test_batches_and_files_are_refused_with_a_sentence(client, asked):
    with pytest.raises(sdk.APIStatusError, match=f"The scripted provider has no {asked}") as caught:
        await getattr(client, asked).list()
    assert (caught.value.status_code, caught.value.code) == (501, "not_served")
