"""The plugin beside those that a Django project with Celery has: in one environment, in one run, on two processes."""

import os
import shutil
import subprocess
import tomllib

import pytest

from harness.base import pace
from harness.base.project import SOURCE
from harness.tests.environments import PROJECT, environment_in, wheel_in

pytestmark = [pytest.mark.e2e, pytest.mark.nightly, pytest.mark.timeout(900)]
PAYOUTS = SOURCE / "examples/payouts"
OTHERS = ["pytest", "pytest-asyncio", "pytest-xdist"]
FETCHED = ["pytest-django", "pytest-celery"]
TESTS = """
import asyncio

import pytest


def test_a_payout_is_done(system, work):
    work.must_ask()
    assert work.all_end()


def test_django_has_its_client(client, settings):
    assert settings.ROOT_URLCONF == "config.urls"
    assert client.get("/nowhere").status_code == 404


@pytest.mark.asyncio
async def test_asyncio_has_its_loop():
    await asyncio.sleep(0)


def test_celery_has_its_fixtures(default_worker_tasks):
    assert default_worker_tasks


@pytest.mark.parametrize("name", ["django", "celery", "asyncio", "xdist"])
def test_each_is_there(name, request):
    assert request.config.pluginmanager.hasplugin(name)
"""


def test_scenarios_run_beside_the_tests_of_other_plugins(tmp_path, tmp_path_factory):
    folder = tmp_path / "payouts"
    shutil.copytree(PAYOUTS, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    extras = PROJECT["project"]["optional-dependencies"]
    theirs = tomllib.loads((PAYOUTS / "pyproject.toml").read_text())["project"]["dependencies"]
    ours = [one for one in theirs if one.startswith(("celery", "requests"))]
    needed = [*PROJECT["project"]["dependencies"], *extras["embedded"], *extras["providers"], *ours, *OTHERS]
    fetched = [*(one for one in theirs if one not in ours), *FETCHED]
    environment_in(folder / ".venv", needed, wheel_in(tmp_path_factory.mktemp("wheel")), fetched=fetched)
    (folder / "test_both.py").write_text(TESTS)
    plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [folder / ".venv/bin/python", "-m", "pytest", "-n", "2", "test_both.py"],
        cwd=folder,
        env={**plain, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        timeout=800 * pace.factor(),
        check=False,
    )
    assert "8 passed" in done.stdout, done.stdout + done.stderr
    assert "on embedded" in done.stdout, (
        "though pytest-celery brings Docker's library, ours for containers is not there"
    )
