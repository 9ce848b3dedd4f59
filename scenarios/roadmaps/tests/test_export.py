"""What `harness export` writes is what a stack is started with, without its secrets."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.base import pace
from harness.deployment.export import variables
from harness.deployment.railway_python import read, settings
from harness.deployment.references import Resolver
from scenarios.roadmaps.application import DEPLOYMENT, ROOT

HARNESS = Path(sys.executable).with_name("harness")
PROVIDED = {
    "Postgres": {"DATABASE_URL": "postgresql://u:p@db.internal/roadmap"},
    "Redis": {"REDIS_URL": "rediss://:p@redis.internal:6379"},
}


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [HARNESS, "export", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30 * pace.factor(),
        check=False,
    )


@pytest.fixture
def deployment():
    return DEPLOYMENT


@pytest.mark.parametrize("tier", ["starter", "developer", "team"])
def test_what_is_written_becomes_what_a_stack_is_started_with(deployment, tier):
    secrets = {name: f"the secret {name}" for name in deployment.secrets}
    exported = {name: variables(deployment, service, tier) for name, service in deployment.services.items()}
    resolver = Resolver({**PROVIDED, "shared": secrets, **exported})
    started = deployment.environments(tier=tier, provided=PROVIDED, secrets=secrets)
    for name, environment in started.items():
        resolved = resolver.environment(name)
        assert {
            key: value for key, value in resolved.items() if not key.startswith("RAILWAY_")
        } == environment


def test_every_reference_stays_as_it_is_declared(deployment):
    api = variables(deployment, deployment.services["roadmap-api"], "team")
    worker = variables(deployment, deployment.services["roadmap-celery-content"], "team")
    assert api["JWT_SECRET_KEY"] == "${{shared.JWT_SECRET_KEY}}"
    assert worker["JWT_SECRET_KEY"] == "${{roadmap-api.JWT_SECRET_KEY}}"
    assert worker["DATABASE_URL"] == "${{Postgres.DATABASE_URL}}"
    assert worker["OPENAI_MODEL"] == "${{roadmap-api.OPENAI_MODEL}}"
    assert worker["CELERY_CONTENT_CONCURRENCY"] == "4"
    assert worker["RAILWAY_DEPLOYMENT_DRAINING_SECONDS"] == "45"
    assert worker["RAILWAY_DOCKERFILE_PATH"] == "Dockerfile.railway"


def test_a_folder_gets_a_file_for_each_service(tmp_path, deployment):
    ended = run("--tier", "developer", "--output", str(tmp_path / "env"))
    assert ended.returncode == 0, ended.stderr
    assert {path.stem for path in (tmp_path / "env").iterdir()} == deployment.services.keys()
    assert "CELERY_LOGS_CONCURRENCY=2\n" in (tmp_path / "env/roadmap-celery-logs.env").read_text()


def test_json_has_the_form_of_railways_own_configuration(deployment):
    ended = run("roadmap-api", "--format", "json", "--tier", "team")
    assert ended.returncode == 0, ended.stderr
    ((name, service),) = json.loads(ended.stdout)["services"].items()
    assert name == "roadmap-api"
    assert service["source"] == {"rootDirectory": "/"}
    assert service["build"] == {"dockerfilePath": "Dockerfile.railway"}
    assert service["deploy"] == {"healthcheckPath": "/health"}
    assert service["variables"]["UVICORN_WORKERS"] == {"value": "8"}
    assert service["variables"].keys() == variables(deployment, deployment.services[name], "team").keys()


@pytest.mark.parametrize("tier", ["starter", "developer", "team"])
def test_railways_infrastructure_as_code_is_equal_on_its_way_back(tmp_path, deployment, tier):
    ended = run("--format", "railway-python", "--tier", tier, "--output", str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    found = {name: service.values for name, service in read(tmp_path / "railway.py").items()}
    assert found == {
        name: settings(deployment, service, tier) for name, service in deployment.services.items()
    }
    assert "'${{shared.JWT_SECRET_KEY}}'" in (tmp_path / "railway.py").read_text()


@pytest.mark.in_turn
@pytest.mark.parametrize("tier", ["starter", "developer", "team"])
@pytest.mark.parametrize("form", ["json", "railway-python"])
def test_redis_elsewhere_is_a_shared_variable_there_and_back(tmp_path, tier, form):
    ended = run("--format", form, "--tier", tier, "--shared", "REDIS_URL", "--output", str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    (path,) = tmp_path.iterdir()
    assert "${{Redis." not in path.read_text()
    audited = [HARNESS, "audit", "--against", str(path)]
    for shared, code in ((["--shared", "REDIS_URL"], 0), ([], 1)):
        ended = subprocess.run(
            [*audited, *shared],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30 * pace.factor(),
            check=False,
        )
        assert ended.returncode == code, ended.stdout + ended.stderr


def test_sharing_is_for_what_railway_has(tmp_path):
    for arguments, said in (
        (["--shared", "REDIS_URL"], "--shared goes with --against"),
        (
            ["--against", str(tmp_path / "now.json"), "--shared", "REDIS_URI"],
            'no server provides "REDIS_URI"',
        ),
    ):
        ended = subprocess.run(
            [HARNESS, "audit", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30 * pace.factor(),
            check=False,
        )
        assert ended.returncode == 2, ended.stdout + ended.stderr
        assert said in ended.stderr
