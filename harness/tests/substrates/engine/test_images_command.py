"""`harness images` as a person types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.tests.substrates.engine.answering import unix

HARNESS = Path(sys.executable).with_name("harness")
IMAGES = ("postgres:17", "celery-harness/redis:8", "mine:3")


@pytest.fixture
def harness(folder):
    def harness(*arguments, **environ):
        own = {name: value for name, value in os.environ.items() if not name.startswith("HARNESS_")}
        return subprocess.run(
            [HARNESS, "images", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=own | {"DOCKER_HOST": f"unix://{folder}/docker.sock", "COLUMNS": "120"} | environ,
        )

    with unix(folder / "docker.sock", images=IMAGES, pull=[{"error": "no registry"}]):
        yield harness


def test_it_says_which_image_is_taken_for_what(harness):
    lines = harness().stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["PostgreSQL", "postgres:17", "official"],
        ["Redis", "celery-harness/redis:8", "our", "own", "build"],
        ["Python", "python:3.13-slim", "official", "to", "be", "pulled"],
    ]
    named = harness(HARNESS_PYTHON_IMAGE="mine:3").stdout.splitlines()
    assert named[-1].split() == ["Python", "mine:3", "yours"]


def test_a_shell_can_evaluate_what_it_exports(harness):
    assert harness("env").stdout.splitlines() == [
        "export HARNESS_POSTGRES_IMAGE=postgres:17",
        "export HARNESS_REDIS_IMAGE=celery-harness/redis:8",
        "export HARNESS_PYTHON_IMAGE=python:3.13-slim",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["build", "mysql"], 2, "there is no image 'mysql'; there are postgres, redis, python"),
        (["build", "--suite", "sid"], 2, "there is no suite 'sid'; there are trixie, bookworm"),
    ],
)
def test_a_users_mistake_is_one_sentence(harness, arguments, code, said):
    ended = harness(*arguments)
    assert (ended.returncode, said in ended.stderr, "Traceback" in ended.stderr) == (code, True, False)


def test_what_cannot_be_fetched_is_said_with_the_remedy(harness):
    ended = harness("fetch")
    assert ended.returncode == 2
    assert "python:3.13-slim is not here and cannot be pulled: no registry" in ended.stderr
    assert "harness images build python" in ended.stderr
    assert harness("fetch", HARNESS_PYTHON_IMAGE="mine:3").returncode == 0


def test_without_an_engine_it_says_so(harness):
    ended = harness(DOCKER_HOST="unix:///none.sock")
    assert ended.returncode == 2
    assert ended.stderr.startswith("no Docker engine: unix:///none.sock: [Errno 2]")
