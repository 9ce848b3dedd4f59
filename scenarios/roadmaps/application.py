"""The product's application for the harness, read from the product's own declarations, so that tests run what is deployed."""

import sys
from collections.abc import Mapping
from pathlib import Path

from app.core.settings import LEAST_HASH_MIB
from app.roadmaps.states import IS_OPEN
from app.roles import ROLES, Ready, unacked_key
from app.roles import Role as Program
from harness import App, FakeOpenAI, Postgres, Redis
from harness.application import Addresses, Build, Canary, HttpReady, Provider, QueuesReady, Role, Work, python
from harness.deployment.declaration import Deployment, Service
from scenarios.roadmaps import bench, checks, kept
from scenarios.roadmaps.audit_rules import RULES
from scenarios.roadmaps.client import ApiClient
from scenarios.roadmaps.libraries import LIBRARIES
from scenarios.roadmaps.live import LIVE
from scenarios.roadmaps.nemesis import NEMESIS
from scenarios.roadmaps.program import PROGRAM
from scenarios.roadmaps.rare_states import RARE_STATES
from scenarios.roadmaps.request_ledger import Ledger
from scenarios.roadmaps.secrets import new_secrets
from scenarios.roadmaps.services import API, CONTENT, FLOWER
from scenarios.roadmaps.use import use

ROOT = Path(__file__).parents[2]
DEPLOYMENT = Deployment.load(ROOT, PROGRAM)
OPENAI = "openai"
CHEAP = {"PASSWORD_HASH_MEMORY_MIB": str(LEAST_HASH_MIB)}  # a test run makes hundreds of accounts
# The administrator stays: only the API's start makes one.
EMPTY = """
DELETE FROM outbox;
DELETE FROM canaries;
DELETE FROM roadmap_requests;
DELETE FROM login_addresses;
DELETE FROM ended_sessions;
DELETE FROM refresh_tokens;
DELETE FROM one_time_tokens;
DELETE FROM provider_spending;
DELETE FROM users WHERE NOT is_admin;
"""
OPEN = f"SELECT (SELECT count(*) FROM roadmap_requests WHERE {IS_OPEN}) + (SELECT count(*) FROM outbox)"  # noqa: S608 - our own words
ENDED = "SELECT count(*) FROM roadmap_requests WHERE ended_at IS NOT NULL"


def _role(service: Service) -> Role:
    program: Program = ROLES[service.kind]
    ready = HttpReady(program.ready_path) if program.ready is Ready.HTTP else QueuesReady()
    return Role(
        name=service.name,
        kind=program.service_type,
        argv=(str(ROOT / "scripts" / "railway_entrypoint.sh"),),
        forked=python("-m", "app.entrypoint"),  # the program that the script executes
        port=service.public_port or "",
        ready=ready,
        queues=program.queues,
        uses=("redis", "postgres", *((OPENAI,) if service.name == CONTENT else ())),
        read_at_import=program.environment,
        optional=service.name == FLOWER,
        drain_seconds=service.draining_seconds,
    )


def _environment(
    role: Role, *, tier: str, at: Addresses, secrets: Mapping[str, str], overrides: Mapping[str, str]
) -> Mapping[str, str]:
    """The environments from the deployment's files, with the stack's own servers and secrets."""
    return DEPLOYMENT.environments(
        tier=tier,
        provided={"Postgres": {"DATABASE_URL": at.database_url}, "Redis": {"REDIS_URL": at.redis_url}},
        secrets=secrets,
        overrides={"OPENAI_BASE_URL": at.providers[OPENAI], **CHEAP, **at.trust, **overrides},
    )[role.name]


def _hosts(given: Mapping[str, str]) -> list[str]:
    """The roles that a service runs beside its own: only the migrating service has any."""
    if not any(role.migrates and role.service_type == given.get("SERVICE_TYPE") for role in ROLES.values()):
        return []
    return [kind for kind in given.get("ALSO_RUN", "").replace(",", " ").split() if kind]


def _access(urls: Mapping[str, str], environments: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The addresses of its pages, and the administrator's credentials."""
    pages = {"API": f"{urls[API]}/docs"} if API in urls else {}
    admin = environments[API]
    return {**pages, "administrator": f"{admin['ADMIN_EMAIL']} {admin['ADMIN_PASSWORD']}"}


app = App(
    name="roadmaps",
    root=ROOT,
    roles={service.name: _role(service) for service in DEPLOYMENT.services.values()},
    tiers=DEPLOYMENT.tiers,
    postgres=Postgres(
        migrate=python("scripts/create_tables.py"),
        env={"DATABASE_URL": "{postgres}"},
        schema="app/migrations/**/*.py",
        empty=EMPTY,
    ),
    # A taken message of the content queue does not prove progress: the database tells it.
    redis=Redis(taken={"logs": unacked_key("logs")}),
    providers={
        OPENAI: Provider(
            name=OPENAI,
            module="harness.providers.openai",
            options=(
                *("--unscripted", "ours", "--author", "scenarios/roadmaps/author.py:write"),
                *("--concept-at", "concept.id"),
            ),
            client=FakeOpenAI,
            path="/v1",
            key="OPENAI_API_KEY",
            label="scripted OpenAI",
        )
    },
    works=(
        Work(
            name="roadmap",
            id=kept.WORK_ID,
            at=API,
            task="content.generate",
            argument="roadmap_id",
            done=frozenset({"completed", "partially_completed"}),
            open=OPEN,
            ended=ENDED,
        ),
    ),
    environment=_environment,
    secrets=new_secrets,
    local={"PYTHON": sys.executable, "HOST": "127.0.0.1"},
    sources=("app/**/*.*", "deploy/**/*.*", "scripts/**/*.*"),
    canary=Canary(task="canary.sing", back="SELECT nonce FROM canaries WHERE nonce = ANY($1::text[])"),
    libraries=LIBRARIES,
    use=use,
    client=ApiClient,
    ledger=Ledger.of,
    access=_access,
    checks=checks.CHECKS,
    budgets={("POST", "/api/v1/roadmaps"): 6000.0, ("GET", "/health"): 1000.0},  # docs/decisions/002
    tables=kept.TABLES,
    facts=kept.facts,
    hosts=_hosts,
    program=PROGRAM,
    rules=RULES,
    dockerfile="Dockerfile.railway",
    tools="Dockerfile.tools",
    rare=RARE_STATES,
    nemesis=NEMESIS,
    interpreters=bench.interpreters,
    benchmarks=bench.BENCHMARKS,
    build=Build(path="/health", commit="commit"),
    live=LIVE,
)
