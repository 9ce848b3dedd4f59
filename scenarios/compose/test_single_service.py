"""The guide's original Dockerfile, which the guide advises against: an API without workers."""

import secrets

import pytest

from harness import always, eventually
from scenarios.compose.project import NoJournal, created
from scenarios.roadmaps.client import ApiClient

pytestmark = [pytest.mark.e2e, pytest.mark.docker, pytest.mark.compose, pytest.mark.timeout(900)]


@pytest.fixture
def service(project):
    """One container of Dockerfile, beside PostgreSQL and Redis: the container and its address."""
    project.bash("docker compose up --wait postgres redis")
    project.compose("exec -T postgres createdb -h 127.0.0.1 -U roadmap single")
    password = project.secrets["POSTGRES_PASSWORD"]
    container = created(
        "single-service",
        "Dockerfile",
        network=f"{project.name}_default",
        ports={"8000/tcp": ("127.0.0.1", None)},
        environment={
            "SERVICE_TYPE": "flower",  # ignored: the script always starts the API
            "DATABASE_URL": f"postgresql://roadmap:{password}@postgres:5432/single",
            "REDIS_URL": "redis://redis:6379/1",
            "JWT_SECRET_KEY": secrets.token_hex(32),
            "ADMIN_EMAIL": "admin@example.com",
            "ADMIN_PASSWORD": secrets.token_hex(16),
            "OPENAI_API_KEY": "nobody-asks-with-it",
        },
    )
    try:
        container.start()
        container.reload()
        (published,) = container.ports["8000/tcp"]
        yield container, f"http://127.0.0.1:{published['HostPort']}"
    finally:
        container.remove(force=True, v=True)
        project.compose("exec -T postgres dropdb -h 127.0.0.1 -U roadmap --force single")


def test_without_workers_a_request_is_accepted_and_stays_queued_and_readiness_says_why(service):
    """The single service migrates, starts uvicorn itself, accepts a roadmap, and nobody ever writes it."""
    container, address = service
    with ApiClient(address, NoJournal()) as client:
        eventually(
            lambda: client.request("GET", "/health").is_success,
            timeout=90,
            what="the API's first answer",
            evidence=lambda: container.logs().decode(),
        )
        assert "migrated now" in container.logs().decode()
        _init, program, *_ = (process[-1] for process in container.top()["Processes"])
        assert "-m app.serve app.main:from_environment" in program

        roadmap = client.sign_up().create_roadmap("Rust")
        always(lambda: roadmap.status()["status"] == "queued", during=5, what="the roadmap is queued")
        ready = client.expect(503, "GET", "/health/ready").json()
        assert [problem["pointer"] for problem in ready["errors"]] == ["/queues/content", "/queues/logs"]
