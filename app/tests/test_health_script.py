"""The health checks of docker compose, as far as they go without servers."""

import http.server
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from app.roles import ROLES, STALE_SECONDS, beat_file

SCRIPT = Path(__file__).parents[2] / "scripts/health.py"


def asked(**variables):
    return subprocess.run(
        [sys.executable, SCRIPT],
        env={"PATH": os.environ["PATH"], "PYTHONUTF8": "1"} | variables,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture(params=[200, 503])
def page(request):
    """A server with the same answer on every page: its status, its port, and the requested paths."""
    paths = []

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            paths.append(self.path)
            self.send_response(request.param)
            self.end_headers()
            self.wfile.write(b"queues/logs has no consumer")

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield request.param, str(server.server_address[1]), paths
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("role", "variable"), [("api", "PORT"), ("flower", "FLOWER_PORT")])
def test_who_has_a_page_is_asked_for_it(page, role, variable):
    status, port, paths = page
    ended = asked(SERVICE_TYPE=role, **{variable: port})
    assert paths == [ROLES[role].ready_path]
    assert ended.returncode == (0 if status == 200 else 1)
    assert ("answered 503: queues/logs has no consumer" in ended.stderr) == (status == 503)


def test_who_does_not_listen_is_not_well(closed_port):
    ended = asked(SERVICE_TYPE="api", PORT=str(closed_port))
    assert ended.returncode == 1
    assert "refused" in ended.stderr


@pytest.mark.parametrize(
    ("age", "reason"), [(None, "never consumed"), (STALE_SECONDS + 5, "last been consuming 2"), (1, "")]
)
def test_a_worker_is_well_as_long_as_it_says_that_it_consumes(tmp_path, monkeypatch, age, reason):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if age is not None:
        file = beat_file(ROLES["celery_content"])
        file.touch()
        os.utime(file, (time.time() - age,) * 2)
    ended = asked(SERVICE_TYPE="celery_content", TMPDIR=str(tmp_path))
    assert ended.returncode == (1 if reason else 0)
    assert reason in ended.stderr
    assert asked(SERVICE_TYPE="celery_logs", TMPDIR=str(tmp_path)).returncode == 1


def test_it_imports_nothing_that_takes_time():
    imported = subprocess.run(
        [sys.executable, "-c", f"import runpy, sys; runpy.run_path({str(SCRIPT)!r}); print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert {name.partition(".")[0] for name in imported.stdout.split()} & {
        "asyncio",
        "pydantic",
        "sqlalchemy",
    } == set()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "::", "[::]", "::0"])
def test_the_api_is_asked_where_it_listens(page, host):
    status, port, paths = page
    assert asked(SERVICE_TYPE="api", PORT=port, HOST=host).returncode == (0 if status == 200 else 1)
    assert paths == [ROLES["api"].ready_path]


def test_who_listens_at_one_address_is_asked_at_no_other(page):
    _, port, paths = page
    assert f"http://[::1]:{port}/" in asked(SERVICE_TYPE="api", PORT=port, HOST="::1").stderr
    assert paths == []
