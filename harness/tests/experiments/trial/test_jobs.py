"""The jobs of the examples, tried from the installed wheel: all green in their sound form, and each switch turns red what it is about.

Two environments of their own, as an adopter has: one for the harness, one for the application.
"""

import json
import shutil
import socket
import sys
import threading
from pathlib import Path

import pytest

from harness.base.exits import Exit
from harness.base.project import SOURCE
from harness.tests.environments import environment_in
from harness.tests.experiments.trial.typed import assert_red, assert_sound, typed

sys.path.append(str(SOURCE / "examples/jobs"))
from jobs.settings import DEFECTS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
RED = {
    "acknowledged_early": {"killed-child", "killed-main", "killed-group", "reset"},
    "never_swept": {"killed-main", "killed-group", "reset"},
    "unlocked": {"aged"},
    "done_again": {"delivered-twice"},
    "never_ends": {"provider-fails"},
    "published_in_request": {"refused", "refuses-writes"},
    "forgotten": {"flushed"},
    "not_reconnected": {"restarted"},
    "ready_early": {"empty-database"},
    "migration": {"migrates"},
    "greedy": {"shared"},
    "leaking": {"leaves-nothing"},
    "open_transaction": {"provider-waits"},
    "results_for_ever": {"leaves-nothing"},
    "timer": {"deployed"},
    "printed_errors": {"quiet"},
}
SAYS = {
    "acknowledged_early": "lost: job",
    "never_swept": "only the visibility time-out moves it",
    "published_in_request": "orphan: jobs has the row",
    "migration": "does not exist",
    "leaking": "more connections open: worker/postgres",
    "results_for_ever": "stay in Redis for ever",
    "printed_errors": "worker says: ",
}
EACH_CHANGE = {"unlocked", "migration"}  # the others in the nightly run: each takes a minute or two


@pytest.fixture(scope="module")
def jobs(tmp_path_factory) -> Path:
    """A copy of the application, with an environment that does not know the harness."""
    folder = tmp_path_factory.mktemp("jobs") / "jobs"
    shutil.copytree(SOURCE / "examples/jobs", folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    environment_in(folder / ".venv", ["asyncpg", "celery[redis]", "fastapi", "httpx", "uvicorn"])
    return folder


def tried(harness: Path, jobs: Path, *arguments: str, defect: str = "", **variables: str):
    return typed(harness, jobs, *arguments, JOBS_DEFECT=defect, **variables)


def test_the_declaration_has_at_most_twenty_lines():
    assert len((SOURCE / "examples/jobs/stack.py").read_text().splitlines()) <= 20


def test_the_sound_form_is_all_green_and_leaves_nothing_unknown(harness, jobs):
    assert_sound(tried(harness, jobs), set().union(*RED.values()))


def test_each_switch_has_its_row():
    assert RED.keys() == DEFECTS.keys()


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "defect",
    [name if name in EACH_CHANGE else pytest.param(name, marks=pytest.mark.nightly) for name in RED],
)
def test_a_defect_turns_red_what_it_is_about_and_nothing_else(harness, jobs, defect):
    seen = assert_red(tried(harness, jobs, defect=defect), RED[defect], SAYS.get(defect, ""))
    assert all(row["mend"] and row["again"] == f"harness try --promise {name}" for name, row in seen.items())


@pytest.mark.nightly
def test_a_load_by_the_hour_is_carried(harness, jobs, tmp_path):
    folder = tmp_path / "jobs"
    shutil.copytree(jobs, folder, symlinks=True, ignore=shutil.ignore_patterns(".harness"))
    stack = folder / "stack.py"
    stack.write_text(stack.read_text().replace("burst=8", "per_hour=3600, done_p95_s=20"))
    ended = tried(harness, folder, "--promise", "steady")
    (row,) = json.loads(ended.stdout)["rows"]
    assert (row["promise"], row["outcome"]) == ("steady", "held"), ended.stdout
    assert "60 came at 4800 an hour; 0 of 60 took longer than 20 s" in row["evidence"]


class Production:
    """A server that counts who comes."""

    def __init__(self, listening):
        self.listening = listening
        self.came = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        try:
            while True:
                connection, _ = self.listening.accept()
                self.came.append(connection.recv(100))
                connection.close()
        except OSError:
            return

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listening.getsockname()[1]}"


READS = """
import os, pathlib
for line in pathlib.Path(".env").read_text().splitlines() if pathlib.Path(".env").is_file() else ():
    name, _, value = line.partition("=")
    os.environ[name] = value
"""


@pytest.fixture
def production():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Production(listening)


def test_a_file_of_variables_that_points_at_production_harms_nobody(harness, jobs, production, tmp_path):
    """Though the application reads it, and lets it win over its environment."""
    folder = tmp_path / "jobs"
    shutil.copytree(jobs, folder, symlinks=True, ignore=shutil.ignore_patterns(".harness"))
    names = ("DATABASE_URL", "BROKER_URL", "RESULT_URL", "SINK_URL")
    (folder / ".env").write_text("".join(f"{name}=redis://{production.address}/0\n" for name in names))
    settings = folder / "jobs/settings.py"
    settings.write_text(READS + settings.read_text())
    ended = tried(
        harness,
        folder,
        "--promise",
        "undisturbed",
        "--promise",
        "flushed",
        **dict.fromkeys(names, f"redis://{production.address}/0"),
    )
    assert ended.returncode == Exit.HOLDS, ended.stdout + ended.stderr
    assert production.came == []


def test_an_address_of_production_in_the_declaration_is_refused_with_its_line(
    harness, jobs, production, tmp_path
):
    folder = tmp_path / "jobs"
    shutil.copytree(jobs, folder, symlinks=True, ignore=shutil.ignore_patterns(".harness"))
    stack = folder / "stack.py"
    stack.write_text(stack.read_text().replace('"{redis/0}"', f'"redis://{production.address}/0"'))
    ended = tried(harness, folder)
    assert (ended.returncode, ended.stdout) == (Exit.USAGE, "")
    assert ended.stderr.startswith("stack.py:7: "), ended.stderr
    assert f"leads to redis://{production.address}/0" in ended.stderr
    assert not (folder / ".harness/runs").exists() or not [*(folder / ".harness/runs").iterdir()]
    assert production.came == []
