import ast
import secrets
from pathlib import Path

import pytest

from app.core.settings import Settings, SettingsError, configuration_table, load_settings, variables
from app.roles import ROLES

ROOT = Path(__file__).parents[2]
SOURCES = [p for p in (ROOT / "app").rglob("*.py") if "tests" not in p.parts]

# Literal copy of the variables in the deployment guide.
GUIDE = [
    "SERVICE_TYPE",
    "PORT",
    "UVICORN_WORKERS",
    "DATABASE_URL",
    "REDIS_URL",
    "JWT_SECRET_KEY",
    "JWT_ALGORITHM",
    "ACCESS_TOKEN_EXPIRE_MINUTES",
    "ADMIN_EMAIL",
    "ADMIN_PASSWORD",
    "ADMIN_USERNAME",
    "OPENAI_API_KEY",
    "OPENAI_MODEL",
    "ENVIRONMENT",
    "DEBUG",
    "CELERY_LOGS_CONCURRENCY",
    "CELERY_CONTENT_CONCURRENCY",
    "CELERY_LOG_LEVEL",
    "FLOWER_PORT",
]
DEFAULTS = {
    "port": 8000,
    "uvicorn_workers": 4,
    "jwt_algorithm": "HS256",
    "access_token_expire_minutes": 43200,
    "admin_username": "admin",
    "openai_model": "gpt-4o-mini",
    "environment": "production",
    "debug": False,
    "celery_logs_concurrency": 2,
    "celery_content_concurrency": 2,
    "celery_log_level": "info",
    "flower_port": 5555,
}


def environment(role: str, **changes: str | None) -> dict[str, str]:
    values = {
        "SERVICE_TYPE": role,
        "DATABASE_URL": "postgresql://u:p@db/app",
        "REDIS_URL": "rediss://:p@redis:6379",
        "JWT_SECRET_KEY": secrets.token_hex(32),
        "ADMIN_EMAIL": "admin@example.com",
        "ADMIN_PASSWORD": "Tr0ub4dor-and-3",
        "OPENAI_API_KEY": "sk-live",
        "FLOWER_BASIC_AUTH": "ops:Tr0ub4dor-and-3",
    } | changes
    return {name: value for name, value in values.items() if value is not None}


def problems(role: str, **changes: str | None) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(environment(role, **changes))
    return caught.value.problems


def test_the_guides_variables_are_all_known():
    assert set(GUIDE) <= set(variables())


def test_the_guides_defaults_are_ours():
    settings = load_settings(environment("api"))
    assert {name: getattr(settings, name) for name in DEFAULTS} == DEFAULTS


@pytest.mark.parametrize("role", ROLES.values(), ids=ROLES)
def test_a_role_needs_its_own_variables_and_no_others(role):
    own = {
        n: v for n, v in environment(role.service_type, FLOWER_BASIC_AUTH=None).items() if n in role.requires
    }
    extra = {"FLOWER_BASIC_AUTH": "ops:Tr0ub4dor-and-3"} if role.service_type == "flower" else {}
    load_settings({"SERVICE_TYPE": role.service_type, **own, **extra})
    for variable in role.requires:
        missing = {k: v for k, v in own.items() if k != variable} | extra
        with pytest.raises(SettingsError) as caught:
            load_settings({"SERVICE_TYPE": role.service_type, **missing})
        assert "is missing" in caught.value.problems[variable]


@pytest.mark.parametrize("variable", GUIDE)
@pytest.mark.parametrize("value", ["", "  ", "${{Postgres.DATABASE_URL}}"])
def test_an_empty_or_unresolved_variable_is_named(variable, value):
    assert list(problems("api", **{variable: value})) == [variable]


@pytest.mark.parametrize("value", [None, "worker", "API"])
def test_an_unknown_role_lists_the_valid_ones(value):
    message = problems("api", SERVICE_TYPE=value)["SERVICE_TYPE"]
    assert all(role in message for role in ROLES)


@pytest.mark.parametrize(
    ("role", "variable", "value"),
    [
        ("api", "JWT_SECRET_KEY", "your-secret-key-here"),
        ("api", "JWT_SECRET_KEY", "short"),
        ("api", "JWT_SECRET_KEY", "a" * 64),
        ("celery_logs", "JWT_SECRET_KEY", "your-secret-key-here"),
        ("api", "ADMIN_PASSWORD", "your-secure-password"),
        ("api", "ADMIN_PASSWORD", "admin"),
        ("api", "DEBUG", "true"),
        ("api", "ALSO_RUN", "celery_logs"),
        ("api", "REDIS_URL", "rediss://:p@h?ssl_cert_reqs=none"),
        ("celery_content", "REDIS_URL", "rediss://:p@h?ssl_cert_reqs=CERT_OPTIONAL"),
        ("flower", "REDIS_URL", "rediss://:p@h?ssl_cert_reqs=required&ssl_check_hostname=false"),
        ("flower", "FLOWER_BASIC_AUTH", None),
        ("flower", "FLOWER_BASIC_AUTH", ":Tr0ub4dor-and-3"),
        ("flower", "FLOWER_BASIC_AUTH", "ops:"),
        ("flower", "FLOWER_BASIC_AUTH", "ops:password-for-ops"),
    ],
)
def test_production_refuses_what_is_unsafe_and_development_does_not(role, variable, value):
    assert variable in problems(role, **{variable: value})
    load_settings(environment(role, **{variable: value}, ENVIRONMENT="development"))


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PORT", "eighty"), ("DATABASE_URL", "mysql://root:hunter2@h/d"), ("OPENAI_TIMEOUT_SECONDS", "-1")],
)
def test_a_wrong_value_is_named_but_never_shown(variable, value):
    with pytest.raises(SettingsError) as caught:
        load_settings(environment("api", **{variable: value}))
    assert variable in caught.value.problems
    assert value not in str(caught.value)


FLOATS = [name for name, field in Settings.model_fields.items() if field.annotation is float]


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "Infinity", "1e999"])
@pytest.mark.parametrize("field", FLOATS)
def test_no_setting_is_without_end_or_no_number(field, value):
    assert field.upper() in problems("celery_content", **{field.upper(): value})


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("circuit", "attempt", "fits"),
    [
        ("10", None, True),
        ("140", "280", True),
        ("140.1", "280", False),
        ("100000", None, False),
        (None, "15", False),
    ],
)
def test_a_pause_of_the_circuit_fits_into_an_attempt(role, circuit, attempt, fits):
    given = {"OPENAI_CIRCUIT_SECONDS": circuit, "GENERATION_TIMEOUT_SECONDS": attempt}
    if fits:
        load_settings(environment(role, **given))
        return
    (name, problem), *others = problems(role, **given).items()
    assert (name, others) == ("OPENAI_CIRCUIT_SECONDS", [])
    assert "GENERATION_TIMEOUT_SECONDS" in problem


@pytest.mark.parametrize(
    ("call", "attempt", "rest"),
    [("60", "280", 120), ("60", "25", 10), ("1", "25", 19.2), ("600", "600", 120)],
)
def test_an_attempt_that_begins_with_the_longest_rest_has_time_for_a_call(call, attempt, rest):
    given = {
        "OPENAI_TIMEOUT_SECONDS": call,
        "GENERATION_TIMEOUT_SECONDS": attempt,
        "OPENAI_CIRCUIT_SECONDS": "1",
    }
    settings = load_settings(environment("celery_content", **given))
    assert settings.longest_rest_seconds == pytest.approx(rest)
    assert settings.longest_rest_seconds + settings.call_seconds < settings.generation_timeout_seconds


@pytest.mark.parametrize("where", ["production", "development"])
@pytest.mark.parametrize(
    ("algorithm", "characters", "long_enough"),
    [
        ("HS256", 32, True),
        ("HS384", 47, False),
        ("HS384", 48, True),
        ("HS512", 63, False),
        ("HS512", 64, True),
    ],
)
def test_a_key_is_as_long_as_the_hash_that_it_is_for(where, algorithm, characters, long_enough):
    key = secrets.token_urlsafe(99)[:characters]
    given = {"JWT_ALGORITHM": algorithm, "JWT_SECRET_KEY": key, "ENVIRONMENT": where}
    if long_enough:
        load_settings(environment("api", **given))
        return
    found = problems("api", **given)
    assert found.keys() == {"JWT_SECRET_KEY"}
    assert f"too short for {algorithm}" in found["JWT_SECRET_KEY"]
    assert key not in found["JWT_SECRET_KEY"]


@pytest.mark.parametrize(
    "variable", ["CELERY_SOFT_SHUTDOWN_SECONDS", "ACCESS_TOKEN_EXPIRE_MINUTES", "OPENAI_CIRCUIT_SECONDS"]
)
def test_what_no_clock_can_hold_is_refused(variable):
    assert variable in problems("api", **{variable: "1000000000000"})


def test_all_problems_are_told_at_once():
    assert set(problems("api", PORT="x", JWT_SECRET_KEY="short", ADMIN_EMAIL=None)) >= {"PORT", "ADMIN_EMAIL"}
    assert set(problems("api", JWT_SECRET_KEY="short", ADMIN_EMAIL=None)) == {"JWT_SECRET_KEY", "ADMIN_EMAIL"}


def test_the_api_may_run_other_roles_for_a_developer():
    given = environment("api", ALSO_RUN="celery_logs, celery_content", ENVIRONMENT="development")
    assert load_settings(given).also_run == ("celery_logs", "celery_content")
    assert "celery_content, flower" in problems("api", ALSO_RUN="api", ENVIRONMENT="development")["ALSO_RUN"]


def test_no_secret_is_in_the_printed_settings():
    given = environment("api", DATABASE_URL="postgresql://u:hunter2@db/app")
    shown = repr(load_settings(given))
    assert not [
        name for name in ("JWT_SECRET_KEY", "ADMIN_PASSWORD", "OPENAI_API_KEY") if given[name] in shown
    ]
    assert "hunter2" not in shown


def test_documented_is_what_is_declared():
    assert (ROOT / "docs/configuration.md").read_text() == configuration_table() + "\n"


def test_every_variable_is_read_by_the_program():
    read = {
        n.attr for p in SOURCES for n in ast.walk(ast.parse(p.read_text())) if isinstance(n, ast.Attribute)
    }
    in_commands = {
        v for role in ROLES.values() for word in role.command for v in variables() if f"{{{v}}}" in word
    } | {option.variable for role in ROLES.values() for option in role.options}
    by_flower = {"FLOWER_BASIC_AUTH"}  # Flower reads it itself, which keeps it out of the process list
    assert {v for v in variables() if v.lower() not in read} - in_commands - by_flower == set()


def test_the_environment_is_read_in_one_place():
    readers = {p.name for p in SOURCES if "os.environ" in p.read_text() or "getenv" in p.read_text()}
    assert readers == {"settings.py", "logging.py", "entrypoint.py"}
