"""The product's program for the audit rules, read from its own declaration of roles and settings."""

import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from pydantic import SecretStr, ValidationError

from app import roles
from app.core.address import is_private
from app.core.settings import Settings
from app.core.unread import ignored
from app.core.urls import normalise_redis_url, verifies_tls
from app.roles import API, FAREWELL_SECONDS, FLOWER, ROLES, Role
from harness.deployment.audit.subject import Subject
from harness.deployment.program import Program

DECLARED_IN = "app/roles.py"
FIELDS = Settings.model_fields


def roles_of(subject: Subject) -> Mapping[str, Role]:
    """The roles of the audited repository, as the product declares them."""
    return cast("Mapping[str, Role]", subject.program.roles)


def _problems(given: Mapping[str, str]) -> dict[str, str]:
    try:
        Settings.model_validate({name.lower(): value for name, value in given.items()})
    except ValidationError as error:
        return {
            str(problem["loc"][0]).upper(): problem["msg"].removeprefix("Value error, ")
            for problem in error.errors(include_input=False)
        }
    return {}


def _verifies(url: str) -> bool:
    try:
        return verifies_tls(normalise_redis_url(url))
    except ValueError:
        return False


def _roles(file: Path) -> Mapping[str, Role]:
    """The roles of a repository; another repository's declaration is executed, which needs only the standard library."""
    if file.resolve() == Path(roles.__file__).resolve():
        return ROLES
    declared: Mapping[str, Role] = runpy.run_path(str(file))["ROLES"]
    return declared


PROGRAM = Program(
    roles=ROLES,
    role_variable="SERVICE_TYPE",
    asked=API.service_type,
    optional=frozenset({FLOWER.service_type}),  # the guide's fourth service
    variables={
        name.upper(): None if field.is_required() else field.default for name, field in FIELDS.items()
    },
    secrets=frozenset(name.upper() for name, field in FIELDS.items() if field.annotation is SecretStr),
    problems=_problems,
    ignored=ignored,
    verifies=_verifies,
    private=is_private,
    same=("DATABASE_URL", "REDIS_URL", "OPENAI_MODEL", "OPENAI_BASE_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    production={"ENVIRONMENT": ("production",), "DEBUG": ("false", "0", "no", "off")},
    merges="ALSO_RUN",
    database="DATABASE_URL",
    pool_size="DATABASE_POOL_SIZE",
    smallest_pool=2,  # one for requests or tasks, and one for the sweeper or heartbeat beside them
    beats=1,  # one for each worker's main process; the sweeper uses its process' pool
    migration=2,  # the connection with the advisory lock, and the connection that migrates
    process_mb=80,  # measured: 60 with the program's libraries, 78 with the OpenAI SDK
    child_kb="CELERY_MAX_MEMORY_PER_CHILD_KB",
    soft_shutdown="CELERY_SOFT_SHUTDOWN_SECONDS",
    farewell_seconds=FAREWELL_SECONDS,
    entrypoint="scripts/railway_entrypoint.sh",
    images={"Dockerfile": "scripts/single_service.sh"},  # the API alone, as before there were workers
    health_check="/health",
    health_routes="app/api/health.py",
    declared_in=DECLARED_IN,
    documented_in="docs/configuration.md",
    read=_roles,
    samples={
        "DATABASE_URL": "postgresql://postgres:sample@postgres.railway.internal:5432/railway",
        "REDIS_URL": "rediss://default:sample@sample.upstash.io:6379",
    },
)
