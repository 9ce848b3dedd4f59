"""The product's program for the audit rules, read from its own declaration of roles and settings."""

import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from pydantic import SecretStr, ValidationError

from app import roles
from app.core.address import is_private
from app.core.settings import Settings, SettingsError, doubtful, load_settings
from app.core.unread import ignored
from app.core.urls import normalise_redis_url, verifies_tls
from app.roles import API, CELERY_CONTENT, CELERY_LOGS, FAREWELL_SECONDS, FLOWER, ROLES, Role
from harness.deployment.audit.subject import SAMPLE_SECRET, Subject
from harness.deployment.program import Program

DECLARED_IN = "app/roles.py"
FIELDS = Settings.model_fields
ROLE_VARIABLE = "SERVICE_TYPE"
BUDGETS = ("OPENAI_DAILY_BUDGET_USD", "OPENAI_DAILY_BUDGET_PER_USER_USD")
PRICES = ("OPENAI_PROMPT_PRICE", "OPENAI_COMPLETION_PRICE")
WRITES, ASKED = CELERY_CONTENT.service_type, API.service_type
SAMPLES = {
    "DATABASE_URL": "postgresql://postgres:sample@postgres.railway.internal:5432/railway",
    "REDIS_URL": "rediss://default:sample@sample.upstash.io:6379",
    "ADMIN_EMAIL": "sample@example.com",
    "OTEL_EXPORTER_OTLP_HEADERS": "key=sample",
}


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


def _refuses(given: Mapping[str, str]) -> dict[str, str]:
    """What a role would end with 78 for: all of it at once, while the role itself looks no further than what is no value at all."""
    found: dict[str, str] = {}
    while True:
        try:
            load_settings(given)
        except SettingsError as error:
            new = {name: problem for name, problem in error.problems.items() if name not in found}
            found |= new
            if not new or ROLE_VARIABLE in new:
                return found
            good = {name: _good(name) for name in new}
            given = {name: value for name, value in {**given, **good}.items() if value or name not in good}
        else:
            return found


def _good(variable: str) -> str:
    """A value that nothing is wrong with; empty where there is none that everybody could have."""
    field = FIELDS[variable.lower()]
    if variable in SAMPLES:
        return SAMPLES[variable]
    if field.annotation is SecretStr:
        return SAMPLE_SECRET
    return str(field.default) if field.default not in (None, ()) else ""


def _doubts(given: Mapping[str, str]) -> dict[str, str]:
    try:
        return dict(doubtful(load_settings(given)))
    except SettingsError:  # what is refused is told of as that
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
    role_variable=ROLE_VARIABLE,
    asked=ASKED,
    optional=frozenset({FLOWER.service_type}),  # the guide's fourth service
    variables={
        name.upper(): None if field.is_required() else field.default for name, field in FIELDS.items()
    },
    secrets=frozenset(name.upper() for name, field in FIELDS.items() if field.annotation is SecretStr),
    problems=_problems,
    refuses=_refuses,
    doubts=_doubts,
    ignored=ignored,
    verifies=_verifies,
    private=is_private,
    same=(
        *("DATABASE_URL", "REDIS_URL", "OPENAI_MODEL", "OPENAI_BASE_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        *BUDGETS,
        *PRICES,
    ),
    readers={
        "OPENAI_BASE_URL": frozenset({WRITES}),
        "OPENAI_MODEL": frozenset({ASKED, WRITES}),  # the former counts by it what a call may cost
        "OTEL_EXPORTER_OTLP_ENDPOINT": frozenset({ASKED, WRITES, CELERY_LOGS.service_type}),
        **dict.fromkeys(BUDGETS, frozenset({ASKED, WRITES})),
    },
    placeholders=frozenset({"ADMIN_EMAIL"}),
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
    samples=SAMPLES,
)
