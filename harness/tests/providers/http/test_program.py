"""`python -m harness.providers.http`: its options, and what it refuses."""

import socket
import subprocess
import sys

import httpx
import pytest

from harness.base import pace
from harness.base.http import http_get
from harness.providers.http.client import FakeHttp
from harness.tests.providers.starting import started


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--status", "99"), "--status and --body"),
        (("--status", "many"), "many"),
        (("--body", "{"), "--status and --body"),
        (("--correlation", "none"), "is no pattern"),
        (("--script", "/nowhere.toml"), "/nowhere.toml"),
    ],
)
def test_what_it_cannot_do_is_refused_in_one_sentence(options, said):
    command = [sys.executable, "-m", "harness.providers.http", "--port", "0", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20 * pace.factor())
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr


@pytest.mark.parametrize("port", ["-1", "65537", "many"])
def test_what_is_no_port_is_refused(port):
    command = [sys.executable, "-m", "harness.providers.http", f"--port={port}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20 * pace.factor())
    assert done.returncode == 2
    assert f"argument --port: {port} is no port" in done.stderr


def test_a_port_that_is_taken_is_a_mistake_and_nothing_unknown():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "harness.providers.http", "--port", port]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=20 * pace.factor()
        )
    assert done.returncode == 2
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_options_everything_is_answered_with_an_empty_object():
    with started("harness.providers.http") as url:
        answer = httpx.post(f"{url}/any/where", content=b"x", trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {})


def test_the_options_go_before_the_script(tmp_path):
    script = tmp_path / "script.toml"
    script.write_text(
        'reply = { status = 202, text = "later" }\n'
        '[[rules]]\nmatch = { path = "/pay", method = "POST" }\nsteps = [{ kind = "fault", status = 503 }]\n'
    )
    with started("harness.providers.http", "--script", str(script), "--status", "200") as url:
        usual = http_get(f"{url}/pay")
        assert (usual.status_code, usual.text) == (200, "later")
        assert usual.headers["content-type"].startswith("text/plain")
        assert httpx.post(f"{url}/pay", trust_env=False).status_code == 503


@pytest.mark.parametrize("name", ["Authorization", "X-API-Key"])
def test_a_key_lets_only_one_pass_and_opens_spaces(name):
    with started("harness.providers.http", "--api-key", "right") as url:

        def status(key: str) -> int:
            given = f"Bearer {key}" if name == "Authorization" else key
            return http_get(f"{url}/x", headers={name: given} if key else {}).status_code

        assert [status(key) for key in ("right", "wrong", "")] == [200, 401, 401]
        others = FakeHttp(url, api_key="mine")
        others.on().reply({"mine": True})
        assert status("mine") == 200
        assert [call.path for call in others.calls()] == ["/x"]
        others.close()


def test_the_application_says_how_its_correlation_is_read():
    options = ("--correlation", "{step}:{request}", "--correlation-header", "X-Order")
    with started("harness.providers.http", *options) as url:
        sink = FakeHttp(url)
        http_get(f"{url}/x", headers={"x-order": "pay:7"})
        (call,) = sink.calls(request="7")
        assert (call.step, call.key) == ("pay", "pay/7")
        sink.close()
