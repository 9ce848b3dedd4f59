"""The real entrypoint as a process, as far as it goes without servers."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.settings import load_settings, variables
from app.core.unread import forget
from app.roles import ROLES
from app.serve import configured
from app.tests.test_settings import environment

ROOT = Path(__file__).parents[2]


def start(*, script: str = "railway_entrypoint.sh", **variables: str) -> subprocess.CompletedProcess[str]:
    base = {"PATH": os.environ["PATH"], "PYTHON": sys.executable, "PYTHONUTF8": "1"}
    return subprocess.run(
        [ROOT / "scripts" / script],
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


@pytest.mark.parametrize("role", ROLES)
def test_the_images_script_starts_what_service_type_says(role, closed_port):
    """The entrypoint must be this script: the last line of a script that always started the API would look right, too."""
    url = f"postgresql://u@127.0.0.1:{closed_port}/app"
    given = environment(role, DATABASE_URL=url, REDIS_URL="rediss://127.0.0.1:1?ssl_ca_certs=/nowhere/ca.pem")
    ended = start(**given)
    assert json.loads(ended.stdout.splitlines()[0])["message"] == ROLES[role].banner


@pytest.mark.parametrize("said", [None, "celery_logs", "flower"])
def test_the_original_image_is_the_api_that_migrates_and_only_the_api_does(closed_port, said):
    """The original's script migrates the database for every SERVICE_TYPE; of our roles only the API does."""
    assert [role.service_type for role in ROLES.values() if role.migrates] == ["api"]
    url = f"postgresql://u@127.0.0.1:{closed_port}/app"
    given = environment("api", SERVICE_TYPE=said, DATABASE_URL=url, DATABASE_WAIT_SECONDS="0.2")
    ended = start(script="single_service.sh", **given)
    banner, *_, last = [json.loads(line)["message"] for line in ended.stdout.splitlines()]
    assert (ended.returncode, banner) == (os.EX_UNAVAILABLE, ROLES["api"].banner)
    assert "check DATABASE_URL" in last


BEHIND_OUR_BACK = {
    "PGHOST": "hunter2.example.com",
    "PGPORT": "hunter2",
    "PGUSER": "hunter2",
    "PGPASSWORD": "hunter2",
    "PGDATABASE": "hunter2",
    "PGPASSFILE": "/nowhere/hunter2",
    "PGSERVICE": "hunter2",
    "PGSERVICEFILE": "/nowhere/hunter2",
    "PGSSLMODE": "hunter2",
    "PGSSLROOTCERT": "/nowhere/hunter2",
    "PGSSLNEGOTIATION": "hunter2",
    "PGSSLMINPROTOCOLVERSION": "hunter2",
    "PGTARGETSESSIONATTRS": "hunter2",
    "PGOPTIONS": "-c search_path=hunter2",
}


@pytest.mark.parametrize("variable", BEHIND_OUR_BACK)
def test_nothing_but_database_url_says_where_the_database_is(closed_port, variable):
    """Asyncpg would use these variables of libpq, or fail over them with a traceback; only DATABASE_URL is checked."""
    url = f"postgresql://u@127.0.0.1:{closed_port}/app"
    behind = {variable: BEHIND_OUR_BACK[variable]}
    ended = start(**environment("api", DATABASE_URL=url, DATABASE_WAIT_SECONDS="0.2"), **behind)
    assert (ended.returncode, ended.stderr) == (os.EX_UNAVAILABLE, "")
    _, said, *_, last = [json.loads(line)["message"] for line in ended.stdout.splitlines()]
    assert said == f"{variable}: not read, for DATABASE_URL alone says where the database is"
    assert "nothing listens at its host and port" in last
    assert "hunter2" not in ended.stdout


CELERYS = [
    *("BROKER_URL", "CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL"),
    *(
        "RESULT_BACKEND",
        "CELERY_RESULT_BACKEND",
        "CONFIG_MODULE",
        "CELERY_CONFIG_MODULE",
        "LOADER",
        "CELERY_LOADER",
    ),
]


@pytest.mark.parametrize("variable", CELERYS)
def test_nothing_but_redis_url_says_where_redis_is(closed_port, variable):
    """Celery prefers these variables to its arguments, unchecked: a worker would log in elsewhere, or end with a traceback."""
    url = f"postgresql://u@127.0.0.1:{closed_port}/app"
    behind = {variable: "redis://:hunter2/x@elsewhere.example.com"}
    ended = start(**environment("api", DATABASE_URL=url, DATABASE_WAIT_SECONDS="0.2"), **behind)
    said = [json.loads(line)["message"] for line in ended.stdout.splitlines()]
    assert said[1].startswith(f"{variable}: not read, for REDIS_URL alone says where Redis is")
    assert "hunter2" not in ended.stdout + ended.stderr


OPTIONS = [
    *("UVICORN_RELOAD", "UVICORN_APP", "UVICORN_ROOT_PATH", "UVICORN_FD", "WEB_CONCURRENCY"),
    *(
        "FLOWER_UNAUTHENTICATED_API",
        "FLOWER_AUTH_PROVIDER",
        "FLOWER_OAUTH2_SECRET",
        "FLOWER_URL_PREFIX",
        "FLOWER_ADRESS",
    ),
    *(
        "CELERY_APP",
        "CELERY_WORKER_CONCURRENCY",
        "CELERY_FLOWER_PORT",
        "CELERY_QUIET",
        "CELERY_TRACE_APP",
        "CELERY_LOG_LEVLE",
    ),
]


@pytest.mark.parametrize("name", OPTIONS)
def test_no_option_of_a_command_line_comes_from_elsewhere(name):
    """A further variable, such as FLOWER_UNAUTHENTICATED_API, would undo our settings, and a misspelt one would have no effect."""
    given = {name: "hunter2", "CELERY_LOG_LEVEL": "info", "FLOWER_PORT": "1", "UVICORN_WORKERS": "1"}
    (said,) = forget(given)
    assert said.startswith(f"{name}: not read, for docs/configuration.md lists what the roles take")
    assert "hunter2" not in said
    assert name not in given
    assert len(given) == 3


def test_what_is_ours_is_left_as_it_is():
    own = dict.fromkeys(variables(), "x") | {"PATH": "/bin", "PGS": "x", "pghost": "x", "TZ": "UTC"}
    given = dict(own)
    assert forget(given) == ["PGS: not read, for DATABASE_URL alone says where the database is"]
    assert given == {name: value for name, value in own.items() if name != "PGS"}


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


@pytest.mark.parametrize("level", ["warning", "debug"])
def test_a_worker_logs_at_the_level_that_it_is_told_to(level):
    program = "import logging, app.core.celery_app; print(logging.getLogger().level)"
    given = environment("celery_logs", CELERY_LOG_LEVEL=level) | {"PATH": os.environ["PATH"]}
    said = subprocess.run(
        [sys.executable, "-c", program],
        env=given,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert int(said.stdout) == logging.getLevelNamesMapping()[level.upper()]


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


@pytest.mark.parametrize("role", ROLES)
def test_a_file_of_tls_that_is_not_there_ends_every_role_in_one_line(role):
    ended = start(**environment(role, REDIS_URL="rediss://:hunter2@127.0.0.1:1?ssl_ca_certs=/nowhere/ca.pem"))
    assert (ended.returncode, ended.stderr) == (os.EX_CONFIG, "")
    banner, error = map(json.loads, ended.stdout.splitlines())
    assert (banner["message"], error["level"]) == (ROLES[role].banner, "error")
    assert "REDIS_URL names a file by ssl_ca_certs" in error["message"]


def test_an_idle_connection_is_kept_for_longer_than_the_edge_keeps_it():
    """Railway's edge keeps a connection for 60 s: if we closed it first, a request could get lost."""
    settings = load_settings(environment("api"))
    _, module, program, *words = settings.role.argv({n.upper(): v for n, v in settings.model_dump().items()})
    assert (module, program) == ("-m", "app.serve")
    assert configured(words).timeout_keep_alive > 60
