"""What the faults need of PostgreSQL: frozen it is silent, killed it comes back, and its template is made once."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import asyncpg
import psutil
import pytest

from harness.base.wait import eventually
from harness.substrates import binaries, postgres
from harness.substrates.postgres import PostgresServer, template

pytestmark = pytest.mark.e2e


@pytest.fixture
def server(supervisor, run):
    found = binaries.postgres()
    made = PostgresServer(found, run.data / "pg" / "data", run.data / "pg", run.log("postgres"))
    made.copy(template(found, "empty", lambda _: None))
    made.start(supervisor)
    return made


@pytest.fixture
def url(server, links):
    return server.url(links.add("postgres", server.target))


async def test_a_frozen_server_answers_nothing_on_a_connection_it_has(server, url):
    connection = await asyncpg.connect(url, timeout=5)
    server.process.signal(signal.SIGSTOP, group=True)
    frozen = asyncio.ensure_future(connection.fetchval("SELECT 1"))
    done, _ = await asyncio.wait([frozen], timeout=0.3)
    assert not done
    server.process.signal(signal.SIGCONT, group=True)
    assert await asyncio.wait_for(frozen, 5) == 1
    await connection.close()


BUSY = "SELECT count(*) FROM generate_series(1, 1000000000)"  # does not look up to see that its postmaster is gone


async def test_a_server_killed_in_the_middle_of_a_query_comes_back_with_its_data(server, supervisor, url):
    connection = await asyncpg.connect(url, timeout=5)
    await connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    await connection.execute("CHECKPOINT")
    busy = asyncio.ensure_future(connection.execute(BUSY))
    await asyncio.wait([busy], timeout=0.3)

    await asyncio.to_thread(server.process.signal, signal.SIGKILL, group=True)
    await asyncio.to_thread(server.start, supervisor)

    with pytest.raises((OSError, asyncpg.PostgresConnectionError)):
        await busy
    again = await asyncpg.connect(url, timeout=5)
    assert await again.fetchval("SELECT n FROM kept") == 42
    assert await again.fetchval("SHOW timezone") == "UTC"
    await again.close()


def test_a_template_is_made_once_however_many_ask_at_the_same_time(run, supervisor, monkeypatch):
    monkeypatch.setattr("harness.substrates.postgres.cache_folder", lambda: run.data / "cache")
    found, baked, made = binaries.postgres(), [], []
    threads = [
        threading.Thread(target=lambda: made.append(template(found, "a", baked.append))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(baked), len(made), len(set(made))) == (1, 3, 1)


def test_other_settings_have_another_template(run, supervisor, monkeypatch):
    monkeypatch.setattr("harness.substrates.postgres.cache_folder", lambda: run.data / "cache")
    monkeypatch.setattr("harness.substrates.postgres._build", lambda data, *_: data.mkdir())
    found = binaries.postgres()
    before = template(found, "a", lambda _: None)
    monkeypatch.setitem(postgres.SETTINGS, "max_connections", "50")
    assert template(found, "a", lambda _: None) != before


def test_only_what_nobody_has_used_for_long_is_forgotten(run, supervisor, monkeypatch):
    monkeypatch.setattr("harness.substrates.postgres.cache_folder", lambda: run.data / "cache")
    monkeypatch.setattr("harness.substrates.postgres._build", lambda data, *_: data.mkdir())
    found = binaries.postgres()
    made = [template(found, key, lambda _: None) for key in "abcdef"]
    long_ago = time.time() - 2 * postgres.IN_USE_SECONDS
    os.utime(made[0], (long_ago, long_ago))
    made.append(template(found, "g", lambda _: None))
    assert [path.exists() for path in made] == [False, True, True, True, True, True, True]


OWNER = """
import sys, time
from harness.nodes.supervisor_client import SupervisorClient
from harness.base.run import Run
from harness.substrates import binaries
from harness.substrates.postgres import PostgresServer, template
run, found = Run.begin("owner"), binaries.postgres()
supervisor = SupervisorClient.start(run.log("supervisor"), remove=[run.data])
server = PostgresServer(found, run.data / "pg" / "data", run.data / "pg", run.log("postgres"))
server.copy(template(found, "empty", lambda _: None))
server.start(supervisor)
print(supervisor.pid, run.data, flush=True)
time.sleep(120)
"""


def test_no_backend_outlives_an_owner_that_is_killed():
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        pid, data = owner.stdout.readline().split()
        supervisor = psutil.Process(int(pid))
        everybody = [supervisor, *supervisor.children(recursive=True)]
        assert len(everybody) > 5
        owner.kill()
    eventually(lambda: not any(map(_lives, everybody)), timeout=5, what="the end of them all", poll=0.005)
    assert not Path(data).exists()


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
