"""What a real provider answered is kept without secrets, comes again byte for byte, and is held against the description."""

import json
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import openai as sdk
import pytest

from harness.base.wait import eventually
from harness.providers.latency import Delay
from harness.providers.openai.client import FakeOpenAI
from harness.providers.tape.drift import drift
from harness.providers.tape.exchange import Part, TapeError, load
from harness.providers.tape.player import differences
from harness.providers.tape.recorder import _without_secrets
from harness.tests.providers.starting import started

KEY = "sk-proj-abcdefghijklmnopqrstuvwx"
HI = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Say hello"}]}
WAIT = 0.15


@contextmanager
def program(*argv):
    folder = Path(argv[1])
    announced = folder.parent / f"{argv[0]}.url"
    announced.unlink(missing_ok=True)
    command = [sys.executable, "-c", "from harness.cli import main; main()", "provider", *map(str, argv)]
    process = subprocess.Popen(
        [*command, "--port", "0", "--announce", str(announced)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield eventually(
            lambda: announced.read_text() if announced.exists() else None,
            timeout=30,
            what="the program",
            unless=lambda: "it has ended" if process.poll() is not None else None,
        )
    finally:
        process.terminate()
        process.communicate()


def post(url, body, **headers):
    with httpx.Client(trust_env=False, timeout=20) as client:
        return client.post(
            f"{url}/v1/chat/completions", json=body, headers={"authorization": f"Bearer {KEY}", **headers}
        )


@pytest.fixture(scope="module")
def taped(tmp_path_factory):
    """A folder of exchanges: plain, streamed with waits, refused; and what was answered."""
    folder = tmp_path_factory.mktemp("tapes") / "tape"
    with started("harness.providers.openai") as real:
        openai = FakeOpenAI(real)
        openai.latency(Delay(seconds=WAIT), between=0.01)
        with program("record", folder, "--upstream", real) as url:
            answers = [
                post(url, HI, cookie="session=secret-cookie"),
                post(url, {**HI, "stream": True}),
                post(url, {**HI, "tools": []}),
                post(url, {**HI, "messages": [{"role": "user", "content": f"my key is {KEY}"}]}),
            ]
            eventually(lambda: len(list(folder.glob("*.json"))) == 4, timeout=10, what="four files")
        openai.close()
    return folder, answers


def test_each_exchange_is_one_readable_file(taped):
    folder, answers = taped
    names = [name for name, _ in load(folder)]
    assert names == [f"{number:04}-post-v1-chat-completions.json" for number in range(1, 5)]
    text = (folder / names[0]).read_text()
    assert '"content": "Say hello"' in text
    assert text.count("\n") > 20
    assert [exchange.answered.status for _, exchange in load(folder)] == [200, 200, 400, 200]
    assert [exchange.answered.body() for _, exchange in load(folder)][:3] == [
        each.content for each in answers[:3]
    ]


def test_no_secret_is_kept(taped):
    folder, answers = taped
    assert [each.status_code for each in answers] == [200, 200, 400, 200]
    for path in folder.iterdir():
        text = path.read_text()
        assert KEY not in text
        assert "secret-cookie" not in text
    assert "REDACTED" in (folder / "0004-post-v1-chat-completions.json").read_text()


def test_what_was_recorded_comes_again_byte_for_byte_and_in_its_time(taped):
    folder, answers = taped
    bodies = [HI, {**HI, "stream": True}, {**HI, "tools": []}]
    with program("replay", folder) as url:
        for body, answer in zip(bodies, answers, strict=False):
            began = time.monotonic()
            again = post(url, body)
            spent = time.monotonic() - began
            assert (again.status_code, again.content) == (answer.status_code, answer.content)
            assert again.headers["content-type"] == answer.headers["content-type"]
            assert again.headers["x-request-id"] == answer.headers["x-request-id"]
            assert spent >= WAIT or again.status_code == 400


def test_the_sdk_reads_a_replay_at_any_speed(taped):
    folder, _ = taped
    with (
        program("replay", folder, "--speed", "0") as url,
        sdk.OpenAI(api_key="other", base_url=f"{url}/v1") as client,
    ):
        answer = client.chat.completions.create(**HI)
        chunks = list(client.chat.completions.create(**HI, stream=True))
    assert answer.choices[0].message.content == "A short and helpful answer."
    assert (
        "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        == "A short and helpful answer."
    )


def test_a_request_that_was_not_recorded_is_told_where_it_differs(taped):
    folder, _ = taped
    other = {**HI, "messages": [{"role": "user", "content": "Say goodbye"}], "temperature": 1}
    with program("replay", folder, "--speed", "0") as url:
        refused = post(url, other)
    said = refused.json()["error"]["message"]
    assert refused.status_code == 501
    assert refused.headers["x-should-retry"] == "false"
    assert "differs from 0001-post-v1-chat-completions.json in $.messages[0].content, $.temperature" in said
    assert re.search(r'^-\s+"content": "Say hello"', said, re.MULTILINE)
    assert re.search(r'^\+\s+"content": "Say goodbye"', said, re.MULTILINE)


def test_our_own_answers_do_not_drift(taped):
    folder, _ = taped
    assert [said for name, exchange in load(folder) for said in drift(name, exchange)] == []


def test_a_drift_is_told(taped, tmp_path):
    folder, _ = taped
    for number, change in enumerate(
        (
            lambda it: it["asked"]["body"].update(stop=["a"] * 5),
            lambda it: it["answered"].update(status=400),
            lambda it: it["answered"].update(parts=[{"after": 0, "text": '{"id": 1}'}]),
        )
    ):
        document = json.loads((folder / "0001-post-v1-chat-completions.json").read_text())
        change(document)
        (tmp_path / f"{number}.json").write_text(json.dumps(document))
    found = [said for name, exchange in load(tmp_path) for said in drift(name, exchange)]
    assert [said.partition(": ")[2].partition(":")[0] for said in found] == [
        "the provider has accepted what we would refuse",
        "the provider has refused what we would accept",
        "an answer that is not as described (CreateChatCompletionResponse)",
    ]


def test_bytes_that_are_no_text_come_back_too():
    part = Part.of(0.1, b"\xff\x00")
    assert (part.text, part.content()) == ("", b"\xff\x00")
    assert Part.of(0.1, "ü".encode()).content() == "ü".encode()


def test_a_secret_that_comes_in_two_pieces_is_taken_out_too():
    parts = [Part(0.1, f"key {KEY[:9]}"), Part(0.2, f"{KEY[9:]} end")]
    (found,) = _without_secrets(parts, ())
    assert (found.text, found.after) == ("key REDACTED end", pytest.approx(0.3))
    assert _without_secrets([Part(0.1, "a"), Part(0.2, "b")], (KEY,)) == [Part(0.1, "a"), Part(0.2, "b")]


def test_an_answer_that_breaks_off_breaks_off_here_and_is_not_kept(tmp_path):
    folder = tmp_path / "tape"
    with started("harness.providers.openai") as real, program("record", folder, "--upstream", real) as url:
        openai = FakeOpenAI(real)
        openai.on().cut("short")
        with pytest.raises(httpx.TransportError):
            post(url, HI)
        openai.close()
    assert list(folder.iterdir()) == []


def test_a_provider_that_cannot_be_reached_is_a_bad_gateway(tmp_path):
    with program("record", tmp_path / "tape", "--upstream", "http://127.0.0.1:9") as url:
        answer = post(url, HI)
    assert answer.status_code == 502
    assert "cannot be reached" in answer.json()["error"]["message"]


def test_differences_are_named_by_their_paths():
    assert differences({"a": [1, {"b": 2}], "c": 1}, {"a": [1, {"b": 3}], "d": 1}) == [
        "$.a[1].b",
        "$.c",
        "$.d",
    ]
    assert differences([1], [1, 2]) == ["$"]
    assert differences({"a": 1}, {"a": 1}) == []


def test_a_folder_without_exchanges_says_so(tmp_path):
    with pytest.raises(TapeError, match="no recorded exchange"):
        load(tmp_path)
    (tmp_path / "1.json").write_text("{}")
    with pytest.raises(TapeError, match=r"1\.json"):
        load(tmp_path)
