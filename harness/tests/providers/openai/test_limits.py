"""Token buckets: what is left, when it will be there again, and what is said to who asks for more."""

import openai as sdk
import pytest

from harness.providers.limits import Bucket
from harness.providers.openai.limits import duration

HI = [{"role": "user", "content": "hi"}]


def test_a_bucket_fills_evenly():
    bucket = Bucket(limit=60, per=60)
    bucket.fill(100)
    bucket.take(60)
    assert (bucket.wait(1), bucket.remaining, bucket.full_in) == (1, 0, 60)
    bucket.fill(100.5)
    assert (bucket.wait(1), bucket.remaining) == (0.5, 0)
    bucket.fill(110)
    assert (bucket.wait(1), bucket.remaining, bucket.full_in) == (0, 10, 50)
    assert bucket.wait(61) == float("inf")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.0004, "1ms"), (0.12, "120ms"), (1, "1s"), (59.5, "59.5s"), (360, "6m0s")],
)
def test_durations_are_written_as_the_provider_does(seconds, text):
    assert duration(seconds).decode() == text


async def test_the_headers_count_down_and_then_the_limit_bites(client, openai):
    openai.limit(requests=2, per=20)
    left = []
    for _ in range(2):
        raw = await client.chat.completions.with_raw_response.create(model="m", messages=HI)
        left.append(int(raw.headers["x-ratelimit-remaining-requests"]))
        assert raw.headers["x-ratelimit-limit-requests"] == "2"
    assert left == [1, 0]
    with pytest.raises(sdk.RateLimitError) as caught:
        await client.chat.completions.create(model="m", messages=HI)
    headers = caught.value.response.headers
    assert (caught.value.code, caught.value.type) == ("rate_limit_exceeded", "requests")
    assert 0 < int(headers["retry-after-ms"]) <= 10_000
    assert int(headers["retry-after"]) == -(-int(headers["retry-after-ms"]) // 1000)
    assert headers["x-ratelimit-remaining-requests"] == "0"
    assert openai.calls()[-1].outcome == "limited"


async def test_who_waits_as_long_as_he_is_told_to_is_served(openai):
    openai.limit(requests=1, per=0.3)
    async with sdk.AsyncOpenAI(api_key="sk-right", base_url=openai.base_url, max_retries=2) as client:
        for _ in range(3):
            assert (await client.chat.completions.create(model="m", messages=HI)).choices
    assert 1 <= len(openai.calls(outcome="limited")) <= 2


async def test_tokens_are_limited_too(client, openai):
    openai.limit(tokens=100)
    with pytest.raises(sdk.RateLimitError) as caught:
        await client.chat.completions.create(model="m", messages=HI, max_completion_tokens=1000)
    assert caught.value.type == "tokens"
    assert caught.value.response.headers["x-should-retry"] == "false"  # it will never be enough
    assert (await client.chat.completions.create(model="m", messages=HI)).choices


async def test_without_a_limit_there_is_plenty(client):
    raw = await client.chat.completions.with_raw_response.create(model="m", messages=HI)
    assert raw.headers["x-ratelimit-remaining-requests"] == raw.headers["x-ratelimit-limit-requests"]
