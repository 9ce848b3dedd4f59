"""The real entrypoint as a process, as far as it goes without servers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.settings import load_settings
from app.roles import ROLES
from app.tests.test_settings import environment

ROOT = Path(__file__).parents[2]


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    base = {"PATH": os.environ["PATH"], "PYTHON": sys.executable, "PYTHONUTF8": "1"}
    return subprocess.run(
        [ROOT / "scripts/railway_entrypoint.sh"],
        env=base | variables,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd="/",
    )


@pytest.mark.parametrize("variables", [{}, {"SERVICE_TYPE": "worker"}])
def test_an_unknown_role_is_refused_and_the_valid_ones_listed(variables):
    ended = start(**variables)
    assert ended.returncode == os.EX_CONFIG
    (line,) = map(json.loads, ended.stdout.splitlines())
    assert line["level"] == "error"
    assert all(role in line["message"] for role in ROLES)


def test_wrong_settings_stop_the_role_before_its_banner_and_show_no_value():
    ended = start(**environment("api", JWT_SECRET_KEY="hunter2", REDIS_URL="${{Redis.REDIS_URL}}"))
    assert ended.returncode == os.EX_CONFIG
    assert [json.loads(line)["message"].split()[0] for line in ended.stdout.splitlines()] == ["REDIS_URL"]
    assert "hunter2" not in ended.stdout + ended.stderr


def test_a_database_that_stays_away_ends_the_api(closed_port):
    url = f"postgresql://u:hunter2@127.0.0.1:{closed_port}/app"
    ended = start(**environment("api", DATABASE_URL=url, DATABASE_WAIT_SECONDS="0.2"))
    assert ended.returncode == os.EX_UNAVAILABLE
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert lines[0]["message"] == ROLES["api"].banner
    assert "check DATABASE_URL" in lines[-1]["message"]
    assert "hunter2" not in ended.stdout + ended.stderr


def test_asked_only_to_prepare_it_becomes_nothing(closed_port):
    command = [sys.executable, "-m", "app.entrypoint", "--prepare"]
    flower = environment("flower", REDIS_URL=f"redis://127.0.0.1:{closed_port}/0")
    ended = subprocess.run(
        command, env=flower, capture_output=True, text=True, timeout=30, check=False, cwd=ROOT
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [json.loads(line)["message"] for line in ended.stdout.splitlines()] == [ROLES["flower"].banner]


@pytest.mark.parametrize("role", ROLES.values(), ids=ROLES)
def test_every_command_can_be_filled_in(role):
    settings = load_settings(environment(role.service_type))
    argv = role.argv({name.upper(): value for name, value in settings.model_dump().items()})
    assert not [word for word in argv if "{" in word]
    assert argv[0] == "python"


def test_a_worker_tells_flower_of_itself_as_often_as_it_is_told_to():
    def argv(role: str, **variables: str) -> str:
        settings = load_settings(environment(role, **variables))
        values = {name.upper(): value for name, value in settings.model_dump().items()}
        return " ".join(settings.role.argv(values))

    for role in ("celery_logs", "celery_content"):
        assert argv(role).endswith(" --heartbeat-interval 8")
        assert argv(role, CELERY_HEARTBEAT_INTERVAL_SECONDS="30").endswith(" --heartbeat-interval 30")
        silent = argv(role, CELERY_HEARTBEAT_INTERVAL_SECONDS="0")
        assert silent.endswith(" --without-heartbeat")
        assert "interval" not in silent
    assert "heartbeat" not in argv("api") + argv("flower")


def test_the_guides_banners():
    assert {name: role.banner for name, role in ROLES.items()} == {
        "api": "📡 Starting FastAPI API server...",
        "celery_logs": "🔄 Starting Celery Worker for Logs Queue...",
        "celery_content": "🎨 Starting Celery Worker for Content Generation Queue...",
        "flower": "🌸 Starting Celery Flower monitoring...",
    }


def test_only_the_content_role_pays_for_the_openai_sdk():
    program = "import app.main, sys; sys.exit('openai' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=30)
