"""The guide's original Dockerfile, which it advises against: an API without anybody to do the work."""

import secrets

import httpx
import pytest

from harness.engine.build import single_service_image
from harness.engine.current import the_engine
from harness.wait import always, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.docker, pytest.mark.compose, pytest.mark.timeout(900)]


@pytest.fixture
def service(project):
    """One container of Dockerfile beside PostgreSQL and Redis; the container and its address."""
    project.bash("docker compose up --wait postgres redis")
    project.compose("exec -T postgres createdb -h 127.0.0.1 -U roadmap single")
    password = project.secrets["POSTGRES_PASSWORD"]
    container = the_engine().client.containers.create(
        single_service_image(),
        network=f"{project.name}_default",
        ports={"8000/tcp": ("127.0.0.1", None)},
        environment={
            "SERVICE_TYPE": "flower",  # it has no choice
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
    with httpx.Client(base_url=address, trust_env=False, timeout=20) as client:
        eventually(
            lambda: client.get("/health").is_success,
            timeout=90,
            what="the API's first answer",
            evidence=lambda: container.logs().decode(),
        )
        assert "migrated now" in container.logs().decode()
        assert container.top()["Processes"][0][-1].startswith("python -m uvicorn app.main:from_environment")

        account = {"email": "ada@example.com", "username": "ada", "password": secrets.token_hex(16)}
        assert client.post("/api/v1/auth/register", json=account).status_code == 201
        token = client.post("/api/v1/auth/login", json=account).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        accepted = client.post("/api/v1/roadmaps", json={"topic": "Rust"})
        assert accepted.status_code == 202

        def queued() -> bool:
            return client.get(accepted.json()["status_url"]).json()["status"] == "queued"

        always(queued, during=5, what="the roadmap is queued")
        ready = client.get("/health/ready")
        assert ready.status_code == 503
        assert [problem["pointer"] for problem in ready.json()["errors"]] == [
            "/queues/content",
            "/queues/logs",
        ]
