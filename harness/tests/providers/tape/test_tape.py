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
from harness.providers.tape.player import Player, differences
from harness.providers.tape.recorder import Recorder
from harness.providers.tape.redaction import parts_without_secrets
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
    (found,) = parts_without_secrets(parts, ())
    assert (found.text, found.after) == ("key REDACTED end", pytest.approx(0.3))
    assert parts_without_secrets([Part(0.1, "a"), Part(0.2, "b")], (KEY,)) == [Part(0.1, "a"), Part(0.2, "b")]


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


class Whole(httpx.AsyncByteStream):
    def __init__(self, content):
        self.content = content

    async def __aiter__(self):
        yield self.content


def recorded(tmp_path, answer=None):
    """A recorder in this process, before a provider that is a function."""
    recorder = Recorder("http://127.0.0.1:9", tmp_path)
    reply = answer or (lambda request: httpx.Response(200, json={"asked": request.url.raw_path.decode()}))

    def streamed(request):
        whole = reply(request)
        return httpx.Response(whole.status_code, headers=whole.headers, stream=Whole(whole.content))

    recorder._client = httpx.AsyncClient(transport=httpx.MockTransport(streamed))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=recorder), base_url="http://recorder")


async def test_numbers_go_on_where_files_have_been_taken_away(tmp_path):
    for _ in range(2):
        async with recorded(tmp_path) as client:
            await client.get("/v1/models")
            await client.get("/v1/models")
        (tmp_path / "0001-get-v1-models.json").unlink(missing_ok=True)
    assert [name[:4] for name, _ in load(tmp_path)] == ["0002", "0003", "0004"]
    (tmp_path / "0004-get-v1-models.json").rename(tmp_path / "10000-get-v1-models.json")
    assert [name.partition("-")[0] for name, _ in load(tmp_path)] == ["0002", "0003", "10000"]


SECRETS = (
    "correct-horse",
    "battery-staple",
    "tok-0123456789",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
)


async def test_secrets_are_taken_out_of_bodies_headers_and_queries(tmp_path):
    password, key, token, jwt = SECRETS
    body = {
        "tools": [{"type": "mcp", "authorization": password, "headers": {"X-Api-Key": key}}],
        "input": [f"I am {jwt}", {"accessToken": token}],
        "prompt_cache_key": "kept",
    }

    def answer(request):
        return httpx.Response(
            200, json={"said": key}, headers={"x-auth-token": token, "location": f"/?sig={jwt}"}
        )

    async with recorded(tmp_path, answer) as client:
        sent = {"x-auth-token": token, "authorization": f"bearer {key}", "idempotency-key": "kept-too"}
        await client.post(f"/v1/responses?api_key={password}&model=m&key={token}", json=body, headers=sent)
    (path,) = tmp_path.iterdir()
    text = path.read_text()
    assert [secret for secret in SECRETS if secret in text] == []
    ((_, exchange),) = load(tmp_path)
    assert exchange.asked.path == "/v1/responses?api_key=REDACTED&model=m&key=REDACTED"
    assert exchange.asked.body["prompt_cache_key"] == "kept"
    assert exchange.asked.headers["idempotency-key"] == "kept-too"
    player = Player(tmp_path, 0)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=player), base_url="http://player"
    ) as client:
        again = await client.post(
            f"/v1/responses?api_key={password}&model=m&key={token}", json=body, headers=sent
        )
    assert (again.status_code, again.json()) == (200, {"said": "REDACTED"})


async def test_a_short_key_is_no_secret_and_damages_no_answer(tmp_path):
    async with recorded(tmp_path, lambda _: httpx.Response(200, text="is there any?")) as client:
        await client.post("/v1/x", json={"a": "any"}, headers={"authorization": "Bearer any"})
    ((_, exchange),) = load(tmp_path)
    assert exchange.answered.body() == b"is there any?"
    assert exchange.asked.body == {"a": "any"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"seed": 99999999999999999999999, "a": 1.0}',
        b'{"temperature": NaN}',
        b'{"temperature": 1e400}',
        b'{"a": "\\ud800"}',
        b"\xff\xfe",
        b"",
        b"[" * 100_000,
    ],
)
async def test_a_request_comes_again_whatever_its_body_is(tmp_path, body):
    async with recorded(tmp_path) as client:
        first = await client.post("/v1/x", content=body)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=Player(tmp_path, 0)), base_url="http://player"
    ) as client:
        again = await client.post("/v1/x", content=body)
        other = await client.post("/v1/x", content=body + b" 1")
    assert (again.status_code, again.content) == (200, first.content)
    assert other.status_code == 501


async def test_a_pass_through_adds_nothing_of_its_own(tmp_path):
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(200, json={}, headers={"set-cookie": "theirs=1; Path=/"})

    async with recorded(tmp_path, answer) as client:
        for _ in range(2):
            client.cookies.clear()
            await client.get("/v1/files/a%2Fb?q=%20")
    assert [request.headers.get("cookie") for request in seen] == [None, None]
    assert [request.url.raw_path for request in seen] == [b"/v1/files/a%2Fb?q=%20"] * 2


def test_what_each_event_of_an_answer_has_is_told_once(taped, tmp_path):
    folder, _ = taped
    document = json.loads((folder / "0002-post-v1-chat-completions.json").read_text())
    for part in document["answered"]["parts"]:
        part["text"] = part["text"].replace('{"id":', '{"obfuscation":"x","id":')
    (tmp_path / "1.json").write_text(json.dumps(document))
    ((_, exchange),) = load(tmp_path)
    (said,) = drift("1.json", exchange)
    assert re.search(r"Unknown parameter: 'obfuscation'\. \(\d+ times\)$", said)


def test_an_answer_that_is_no_json_is_a_drift(taped, tmp_path):
    folder, _ = taped
    for name, text in (
        ("0001", "<html>"),
        ("0002", 'data:{"id": 1}\n\ndata:[DONE]\n\n'),
        ("0002", 'data: {"id": \n\n'),
    ):
        document = json.loads((folder / f"{name}-post-v1-chat-completions.json").read_text())
        document["answered"]["parts"] = [{"after": 0, "text": text}]
        (tmp_path / "1.json").write_text(json.dumps(document))
        ((_, exchange),) = load(tmp_path)
        (said,) = drift("1.json", exchange)
        assert "an answer that is not as described" in said


def test_a_folder_without_exchanges_says_so(tmp_path):
    with pytest.raises(TapeError, match="no recorded exchange"):
        load(tmp_path)
    (tmp_path / "1.json").write_text("{}")
    with pytest.raises(TapeError, match=r"1\.json"):
        load(tmp_path)
