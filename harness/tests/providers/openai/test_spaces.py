"""Isolation: by API key or by base URL, across processes, as far as rules, ledgers and limits go."""

import json
import subprocess
import sys

import openai as sdk
import pytest

from harness.providers.openai.client import FakeOpenAI
from harness.tests.providers.openai.conftest import API_KEY

HI = [{"role": "user", "content": "hi"}]
PROGRAM = """
import sys, openai
answer = openai.OpenAI(base_url=sys.argv[1], api_key=sys.argv[2]).chat.completions.create(
    model="m", messages=[{"role": "user", "content": "hi"}])
print(answer.choices[0].message.content)
"""


@pytest.fixture(params=["key", "address"])
def other(server, request):
    """Somebody else's view of the same server: its client, and the key that belongs to it."""
    key = "sk-other" if request.param == "key" else API_KEY
    found = FakeOpenAI(server, api_key=key) if request.param == "key" else FakeOpenAI(server, space="other")
    found.reset()
    yield found, key
    found.close()


async def test_nothing_of_one_space_is_felt_in_another(client, openai, other):
    theirs, key = other
    openai.on().reply("ours")
    theirs.on().reply("theirs")
    theirs.limit(requests=1)
    async with sdk.AsyncOpenAI(api_key=key, base_url=theirs.base_url, max_retries=0) as their_client:
        assert (await their_client.chat.completions.create(model="m", messages=HI)).choices[
            0
        ].message.content == "theirs"
        with pytest.raises(sdk.RateLimitError):
            await their_client.chat.completions.create(model="m", messages=HI)
    for _ in range(2):
        answer = await client.chat.completions.create(model="m", messages=HI)
        assert answer.choices[0].message.content == "ours"
    assert (len(openai.calls()), len(theirs.calls())) == (2, 2)
    theirs.reset()
    assert (len(openai.calls()), len(theirs.calls())) == (2, 0)
    assert [call.index for call in openai.calls()] == [0, 1]


def test_it_works_across_processes(openai, other):
    theirs, key = other
    theirs.on().reply("theirs")
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run([*command, theirs.base_url, key], capture_output=True, text=True, check=True)
    assert done.stdout == "theirs\n"
    assert openai.calls() == []
    assert len(theirs.calls()) == 1
    assert key not in json.dumps([str(call) for call in theirs.calls()])
