"""Runs the README's commands for docker compose word for word, and checks what it says about health."""

import json
import re
import subprocess

import httpx
import pytest

from harness import eventually
from scenarios.compose.project import NoJournal
from scenarios.probes import http_get
from scenarios.roadmaps.application import ROOT
from scenarios.roadmaps.client import ENDED, ApiClient

pytestmark = [pytest.mark.e2e, pytest.mark.docker, pytest.mark.compose, pytest.mark.timeout(1500)]
SECONDS_TO_NOTICE = 180
WORKERS = ("celery-logs", "celery-content")
ROLES = {"api", "flower", *WORKERS}
SEEN = "SELECT count(*) FROM workers WHERE node LIKE 'content@%' AND seen_at > now() - interval '20 s'"


def commands() -> str:
    """The README's code block with docker compose."""
    blocks = re.findall(r"^```bash\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    (found,) = [block for block in blocks if "docker compose" in block]
    return found


@pytest.fixture(scope="module")
def created(project):
    """The started project, and the answer to the README's request for a roadmap."""
    script = commands().replace("http://localhost:8000", project.url())
    until_created, _, _ = script.partition("docker compose --profile fake-openai up --wait --scale")
    printed = project.bash(until_created)
    return project, json.loads(printed.splitlines()[-1])


@pytest.fixture
def up(created):
    return created[0]


@pytest.fixture
def api(up):
    """A client of the API, logged in as the administrator."""
    with ApiClient(up.url(), NoJournal()) as client:
        yield client.log_in(up.secrets["ADMIN_EMAIL"], up.secrets["ADMIN_PASSWORD"])


def test_a_login_and_one_curl_create_a_roadmap(created, api):
    """Docker compose up, a login and one curl: a roadmap is written."""
    _, answer = created

    def status():
        return api.expect(200, "GET", answer["status_url"]).json()["status"]

    assert eventually(lambda: status() in ENDED, timeout=60, what="the end of the roadmap")
    assert status() == "completed"


def test_the_content_worker_can_be_scaled(up):
    """With three content workers, each one is healthy and consumes under a name of its own."""
    (scale,) = [line for line in commands().splitlines() if "--scale" in line]
    up.bash(scale)
    assert len(up.compose("ps --quiet celery-content").split()) == 3
    assert up.health()["celery-content"] == {"healthy"}

    def seen():
        return up.compose(f'exec -T postgres psql -h 127.0.0.1 -U roadmap -Atc "{SEEN}"').strip()

    eventually(lambda: seen() == "3", timeout=30, poll=1, what="three consumers in the database")
    up.compose("up --wait --no-recreate --scale celery-content=1 celery-content")


def test_flower_asks_for_its_password(up):
    """The profile flower adds the fourth role, whose pages nobody sees without the password."""
    up.bash("docker compose --profile flower up --wait --no-recreate flower")
    page = up.url("FLOWER_PORT")
    assert http_get(page).status_code == 401
    password = up.secrets["FLOWER_PASSWORD"]
    assert http_get(page, auth=("flower", password), timeout=20).status_code == 200


def test_locust_puts_it_under_load_from_two_workers(up):
    """The profile load adds Locust's page, and workers that ask the composed API for roadmaps."""
    up.bash("docker compose --profile load up --wait --no-recreate --scale locust-worker=2")
    with httpx.Client(base_url=up.url("LOCUST_PORT"), trust_env=False, timeout=20) as locust:
        wanted = {
            "user_count": 2,
            "spawn_rate": 2,
            "tier": "starter",
            "rate": 1800,
            "seconds": 15,
            "readers": 2,
        }
        assert locust.post("/swarm", data=wanted).json()["success"]

        def stats():
            return locust.get("/stats/requests").json()

        eventually(
            lambda: stats()["total_rps"] > 0, timeout=60, poll=1, what="load", evidence=lambda: str(stats())
        )
        assert len(stats()["workers"]) == 2
        assert {found["num_failures"] for found in stats()["stats"]} == {0}
        locust.get("/stop")
    up.compose("rm --stop --force locust-worker locust-master")


def tell(up, service, signal):
    """Send a signal to the program of a service; in a role's container process 1 is an init with one child."""
    if service in ROLES:
        up.compose(f"exec -T {service} sh -c 'kill -{signal} $(cat /proc/1/task/1/children)'")
    else:
        up.compose("kill --signal", signal, service)


@pytest.mark.parametrize(
    ("frozen", "unhealthy"),
    [
        (("celery-content", "fake-openai"), ("celery-content", "fake-openai")),
        (("redis", "postgres"), ("redis", "postgres", "api", *WORKERS)),
    ],
    ids=("a worker and the provider", "the servers"),
)
def test_what_is_stuck_is_unhealthy_though_its_process_lives(up, frozen, unhealthy):
    """Health checks find what lives and does no work, and nothing else; they also see it recover."""
    well = {service: "healthy" for service in up.health() if service not in unhealthy and service != "flower"}
    for service in frozen:
        tell(up, service, "STOP")
    up.await_health(dict.fromkeys(unhealthy, "unhealthy") | well, SECONDS_TO_NOTICE)
    for service in frozen:
        tell(up, service, "CONT")
    up.await_health(dict.fromkeys(unhealthy, "healthy") | well, SECONDS_TO_NOTICE)


def test_without_secrets_it_does_not_start(project):
    """Where a secret is missing, compose names it and starts nothing."""
    for name in project.secrets:
        command = ["docker", "compose", "config", "--quiet"]
        environment = {**project.environment, name: ""}
        ended = subprocess.run(
            command, cwd=project.folder, env=environment, capture_output=True, text=True, check=False
        )
        needed = "PASSWORD" in name or "KEY" in name
        assert (ended.returncode != 0) == needed, name
        assert (f"{name} is missing a value: set it in .env, or run make .env" in ended.stderr) == needed
