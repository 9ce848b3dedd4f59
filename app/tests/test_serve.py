"""uvicorn as the API starts it: one process and two behave alike."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.serve import bound

ROOT = Path(__file__).parents[2]
ASKS = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            said = (await receive())["type"]
            if said == "lifespan.startup" and {fails}:
                await send({{"type": "lifespan.startup.failed"}})
                return
            await send({{"type": f"{{said}}.complete"}})
            if said == "lifespan.shutdown":
                return
    await send({{"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(scope["client"][0]))]}})
    await send({{"type": "http.response.body", "body": scope["client"][0].encode()}})
"""
HOSTS = {
    "::": ["127.0.0.1", "::1"],
    "[::]": ["127.0.0.1", "::1"],
    "[::1]": ["::1"],
    "0.0.0.0": ["127.0.0.1"],
    "::1": ["::1"],
    "127.0.0.1": ["127.0.0.1"],
}


@contextmanager
def served(
    folder: Path, host: str, port: int, workers: int, *, fails: bool = False
) -> Iterator["subprocess.Popen[str]"]:
    (folder / "asks.py").write_text(ASKS.format(fails=fails))
    words = [
        "asks:app",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--app-dir",
        str(folder),
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "app.serve", *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def asked(process: "subprocess.Popen[str]", host: str, port: int) -> str:
    """The client's address that the application sees; repeats the request until the server listens."""
    while process.poll() is None:
        connection = http.client.HTTPConnection(host, port, timeout=30)
        try:
            connection.request("GET", "/")
            return connection.getresponse().read().decode()
        except ConnectionRefusedError:
            continue
        finally:
            connection.close()
    raise AssertionError(process.communicate()[0])


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("host", HOSTS)
def test_the_sockets_and_the_end_are_the_same_for_any_number_of_processes(
    tmp_path, host, reserved_port, workers
):
    with served(tmp_path, host, reserved_port, workers) as process:
        assert [asked(process, address, reserved_port) for address in HOSTS[host]] == HOSTS[host]
        others = {"127.0.0.1", "::1"} - {*HOSTS[host]}
        for other in others:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((other, reserved_port), timeout=30)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0


@pytest.mark.parametrize("host", ["::", "::0", "0:0:0:0:0:0:0:0", "0000::"])
def test_each_way_to_write_every_address_is_both_protocols(host):
    sockets = bound(host, 0)
    try:
        assert [one.getsockname()[0] for one in sockets] == ["::", "0.0.0.0"]
    finally:
        for one in sockets:
            one.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_an_application_that_does_not_start_is_no_success(tmp_path, reserved_port, workers):
    with served(tmp_path, "127.0.0.1", reserved_port, workers, fails=True) as process:
        process.communicate(timeout=60)
        assert process.returncode == 3


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("host", "code"), [("127.0.0.1", os.EX_UNAVAILABLE), ("192.0.2.1", os.EX_CONFIG)])
def test_a_socket_that_is_not_to_be_had_is_told_in_one_line(tmp_path, host, code, workers):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with served(tmp_path, host, taken.getsockname()[1], workers) as process:
            said = process.communicate(timeout=60)[0]
    assert process.returncode == code
    assert len(said.splitlines()) == 1
    assert "HOST and PORT cannot be listened on: " in said
