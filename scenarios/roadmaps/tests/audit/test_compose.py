"""docker-compose.yml is held up to the declaration."""

import pytest

FILE = "docker-compose.yml"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "SERVICE_TYPE: celery_logs",
            "SERVICE_TYPE: celery_content",
            "has 0 services of the SERVICE_TYPE celery_logs",
        ),
        ("SERVICE_TYPE: flower", "SERVICE_TYPE: reports", "plays reports, which is not declared"),
        ("      CELERY_LOG_LEVEL: info\n", "", "does not set CELERY_LOG_LEVEL, which is declared"),
        ("${UVICORN_WORKERS:-4}", "${UVICORN_WORKERS:-2}", "is '2', declared is '4'"),
        ("JWT_ALGORITHM: HS256", "JWT_ALGORITHM: HS384", "is 'HS384', declared is 'HS256'"),
        ("${ADMIN_PASSWORD:?", "${ADMIN_PASSWORD:-admin", "is a secret, written down or optional"),
        (
            "SERVICE_TYPE: celery_logs",
            "SERVICE_TYPE: celery_logs\n      CELERY_LOGS: '1'",
            "is read by nobody",
        ),
        ("dockerfile: Dockerfile.railway", "dockerfile: Dockerfile", "builds Dockerfile"),
        ("stop_grace_period: 45s", "stop_grace_period: 30s", "is 30 s, celery_logs may need 40"),
        ('ports: ["127.0.0.1:${API_PORT', 'ports: ["${API_PORT', "to the whole network"),
        (':8000"]', ':8080"]', "roadmap-api listens on 8000"),
        ("  celery-logs:\n", '  celery-logs:\n    ports: ["127.0.0.1:9:9"]\n', "but nothing listens"),
        (
            "      REDIS_URL: redis://redis:6379/0\n      FLOWER_PORT",
            "      REDIS_URL: redis://redis:6379/1\n      FLOWER_PORT",
            "differs between members: redis://redis:6379/0, redis://redis:6379/1",
        ),
        ("services:\n", "members:\n", "has no services"),
    ],
)
def test_what_compose_starts_is_what_is_declared(spoil, old, new, said):
    breaches = spoil(FILE, old, new)
    assert {breach.rule.name for breach in breaches} == {"compose"}
    assert any(said in breach.flaw.what for breach in breaches), [breach.flaw.what for breach in breaches]
    assert {breach.flaw.place.file for breach in breaches} == {FILE}


@pytest.mark.parametrize(
    "server", ["postgres:\n    image", "redis: # a wake-up hint: nothing in it needs to survive\n    image"]
)
@pytest.mark.parametrize(
    ("ports", "published"),
    [
        ('ports: ["5432:5432"]', True),
        ("ports: [6379]", True),
        ("ports: [{ target: 5432, published: 5432 }]", True),
        ('ports: [{ target: 5432, host_ip: "0.0.0.0" }]', True),
        ('ports: ["[::]:5432:5432"]', True),
        ("network_mode: host", True),
        ('ports: ["127.0.0.1:5432:5432"]', False),
        ("ports: [{ target: 5432, published: 5432, host_ip: 127.0.0.1 }]", False),
        ('ports: ["${BIND:-127.0.0.1}:5432:5432"]', False),
    ],
)
def test_a_server_that_all_can_reach(spoil, server, ports, published):
    found = spoil(FILE, f"  {server}", f"  {server.replace('    image', f'    {ports}')}\n    image")
    assert [(breach.rule.name, bool(breach.flaw.place.line)) for breach in found] == [
        ("compose", True)
    ] * published


def test_a_breach_names_the_line(spoil, repository):
    (breach,) = spoil(FILE, "JWT_ALGORITHM: HS256", "JWT_ALGORITHM: HS512")
    lines = (repository / FILE).read_text().splitlines()
    assert lines[breach.flaw.place.line - 1].strip() == "JWT_ALGORITHM: HS512"


def test_a_compose_file_that_is_missing_is_named(repository, judged):
    (repository / FILE).unlink()
    assert [breach.flaw.what for breach in judged(repository)] == ["has no services: TypeError"]
