"""Our own declaration: what the guide says is what is declared, and every role starts with it."""

import re
import shutil

import pytest

from app.core.settings import load_settings
from app.roles import ROLES
from harness.deployment.declaration import Deployment
from scenarios.roadmaps.application import DEPLOYMENT, ROOT
from scenarios.roadmaps.program import PROGRAM

GUIDE = (ROOT / "docs" / "guide.original.zh.md").read_text()
ADDED = {
    "roadmap-celery-content": {"OPENAI_RESPONSE_FORMAT"},  # the guide knows one provider
    "roadmap-celery-flower": {"FLOWER_BASIC_AUTH"},  # the guide leaves Flower open
}

PROVIDED = {
    "Postgres": {"DATABASE_URL": "postgresql://u:p@db.internal/roadmap"},
    "Redis": {"REDIS_URL": "rediss://:p@redis.internal:6379"},
}
SECRETS = {
    "JWT_SECRET_KEY": "5f1d0c7b9e3a48826ad1f04e97bc3d56",
    "ADMIN_PASSWORD": "correct horse battery",
    "OPENAI_API_KEY": "sk-0123456789",
    "FLOWER_BASIC_AUTH": "operator:battery staple",
}


def said_of_services() -> dict[str, dict[str, str]]:
    """Service -> variable -> value, as the guide has them."""
    blocks = re.findall(r"\*\*Name\*\*: `(\S+)`\n.*?```env\n(.*?)```", GUIDE, re.DOTALL)
    return {name: dict(re.findall(r"^\s*([A-Z_]+)=(\S+)$", text, re.MULTILINE)) for name, text in blocks}


@pytest.fixture
def deployment():
    return DEPLOYMENT


@pytest.fixture
def resolve(deployment):
    def resolve(**changes):
        return deployment.environments(
            **{"tier": "starter", "provided": PROVIDED, "secrets": SECRETS} | changes
        )

    return resolve


@pytest.fixture
def edited(tmp_path):
    """The declarations with one piece of text replaced by another."""

    def edit(file, old, new):
        folder = shutil.copytree(ROOT / PROGRAM.folder, tmp_path / PROGRAM.folder)
        text = (folder / file).read_text()
        assert text.count(old) > 0
        (folder / file).write_text(text.replace(old, new, 1))
        return Deployment.load(tmp_path, PROGRAM)

    return edit


def test_every_service_sets_exactly_the_variables_of_the_guide(deployment):
    guide = said_of_services()
    assert [*deployment.services] == [*guide]
    for name, said in guide.items():
        service = deployment.services[name]
        assert {*service.variables, *service.secrets} == said.keys() | ADDED.get(name, set())
        for variable, value in service.variables.items():
            if variable not in ADDED.get(name, ()):
                assert value == said[variable], f"{name}.{variable}"


def test_the_tiers_are_the_rows_of_the_guides_table(deployment):
    rows = re.findall(r"^\| ([A-Z][a-z]+) \| (\d+) \| (\d+) \| (\d+) \|$", GUIDE, re.MULTILINE)
    assert len(rows) == 3
    assert [
        (tier.name.title(), *map(str, tier.concurrency.values())) for tier in deployment.tiers.values()
    ] == rows
    assert all(
        [*tier.concurrency] == ["api", "celery_logs", "celery_content"] for tier in deployment.tiers.values()
    )


def test_a_service_is_built_and_started_by_its_image_alone_and_gets_the_time_to_stop(deployment):
    for service in deployment.services.values():
        assert (service.root_directory, service.dockerfile) == ("/", "Dockerfile.railway")
        assert (service.build_command, service.start_command) == ("", "")
        assert service.draining_seconds > 0
    assert [service.name for service in deployment.services.values() if service.health_check] == [
        "roadmap-api"
    ]


def test_the_guides_own_values_are_its_developer_row(deployment, resolve):
    environments = resolve(tier="developer")
    for service in deployment.services.values():
        if service.role.concurrency:
            assert (
                environments[service.name][service.role.concurrency]
                == service.variables[service.role.concurrency]
            )


def test_the_pools_of_two_overlapping_deployments_fit_the_database(deployment):
    for tier in deployment.tiers.values():
        held = 2 * sum(tier.concurrency.values()) * tier.database_pool_size
        one_more = 2 * sum(tier.concurrency.values()) * (tier.database_pool_size + 1)
        assert held <= 87 < one_more


def test_every_role_is_deployed_once_and_no_worker_has_a_port(deployment):
    assert sorted(service.role.service_type for service in deployment.services.values()) == sorted(ROLES)
    ports = {service.role.service_type: service.public_port for service in deployment.services.values()}
    assert ports == {"api": "PORT", "celery_logs": None, "celery_content": None, "flower": "FLOWER_PORT"}


@pytest.mark.parametrize("tier", ["starter", "developer", "team"])
def test_every_role_accepts_its_environment(resolve, tier):
    for environment in resolve(tier=tier).values():
        settings = load_settings(environment)
        assert settings.production
        assert settings.role.service_type == environment["SERVICE_TYPE"]


def test_a_provided_value_and_a_secret_reach_the_workers_through_references(resolve):
    environments = resolve()
    for name in ("roadmap-api", "roadmap-celery-logs", "roadmap-celery-content"):
        assert environments[name]["DATABASE_URL"] == PROVIDED["Postgres"]["DATABASE_URL"]
        assert environments[name]["OPENAI_API_KEY"] == SECRETS["OPENAI_API_KEY"]
    assert "DATABASE_POOL_SIZE" not in environments["roadmap-celery-flower"]


def test_an_override_replaces_the_variable_where_it_is(resolve):
    environments = resolve(overrides={"CELERY_CONTENT_CONCURRENCY": "3"})
    assert environments["roadmap-celery-content"]["CELERY_CONTENT_CONCURRENCY"] == "3"
    assert "CELERY_CONTENT_CONCURRENCY" not in environments["roadmap-api"]


def test_an_override_flows_through_references(edited):
    deployment = edited("services.toml", 'DEBUG = "false"', 'DEBUG = "false"\nX = "is ${{PORT}}"')
    changes = {"overrides": {"PORT": "9", "ADMIN_EMAIL": "${{X}}@example.com"}}
    environments = deployment.environments(tier="team", provided=PROVIDED, secrets=SECRETS, **changes)
    assert environments["roadmap-api"]["X"] == "is 9"
    assert environments["roadmap-api"]["ADMIN_EMAIL"] == "is 9@example.com"


def test_an_override_that_no_service_has_is_given_to_all(resolve):
    environments = resolve(overrides={"LEASE_SECONDS": "2"})
    assert all(environment["LEASE_SECONDS"] == "2" for environment in environments.values())
