"""The rules over the program's own files: roles, entrypoint."""

from dataclasses import replace

import pytest

from app.core.urls import proves_who_answers, verifies_tls
from app.roles import CELERY_CONTENT, FLOWER, ROLES
from harness.deployment.audit import RULES, judge
from harness.deployment.audit.rules.connections import budget
from harness.deployment.audit.subject import Subject
from scenarios.roadmaps import audit_rules
from scenarios.roadmaps.application import DEPLOYMENT
from scenarios.roadmaps.program import PROGRAM


def judged(repository, *roles):
    changed = replace(PROGRAM, roles={**ROLES, **{role.service_type: role for role in roles}})
    return judge(Subject(repository, changed), (*RULES, *audit_rules.RULES))


def breaches(repository, *roles):
    return {breach.rule.name: breach.flaw.what for breach in judged(repository, *roles)}


def test_a_queue_without_a_consumer_and_a_consumer_without_a_queue(repository):
    wrong = replace(CELERY_CONTENT, queues=("contents",))
    said = [breach.flaw.what for breach in judged(repository, wrong) if breach.rule.name == "queues"]
    assert said == [
        "no role consumes the queue content",
        "the role celery_content consumes the queue contents, to which nothing is sent",
        "the command of celery_content does not name its queue contents",
    ]


def test_a_second_role_that_migrates(repository):
    assert breaches(repository, replace(CELERY_CONTENT, migrates=True)) == {
        "migrations": "the roles that migrate are: api, celery_content"
    }


def test_a_worker_that_does_not_wait_for_the_schema(repository):
    said = breaches(repository, replace(CELERY_CONTENT, awaits_schema=False))
    assert said.keys() == {"migrations"}


def test_a_role_without_a_service(repository):
    assert breaches(repository, replace(FLOWER, service_type="reports")) == {
        "roles": "no service has the SERVICE_TYPE reports"
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("exec ", "", "ends with"),
        ("set -eu", "set -u", "goes on after a command that failed"),
        ("#!/bin/sh\n", "\n", "begins with ''"),
        ("exec", "\rexec", "line ends of Windows"),
    ],
)
def test_a_script_that_swallows_signals_or_errors(spoil, old, new, said):
    (breach,) = spoil("scripts/railway_entrypoint.sh", old, new)
    assert breach.rule.name == "entrypoint"
    assert said in breach.flaw.what


def test_a_script_that_is_not_executable_or_not_there(repository, spoil):
    script = repository / "scripts/railway_entrypoint.sh"
    script.chmod(0o644)
    assert breaches(repository) == {"entrypoint": "is not executable"}
    script.unlink()
    assert breaches(repository) == {"entrypoint": "is missing"}


def test_the_budget_counts_pools_beats_migration_and_operators():
    steady, overlapping = (
        budget(DEPLOYMENT, DEPLOYMENT.tiers["team"], overlap=overlap) for overlap in (False, True)
    )
    assert steady == {"pools": 16 * 2, "beats": 2, "migration": 2, "operators": 3}
    assert overlapping == {"pools": 2 * 16 * 2, "beats": 4, "migration": 2, "operators": 3}


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("redis", True),
        ("redis.railway.internal", True),
        ("cache.local", True),
        ("10.1.2.3", True),
        ("127.0.0.1", True),
        ("redis.example.com", False),
        ("sample.proxy.rlwy.net", False),
        ("8.8.8.8", False),
    ],
)
def test_the_audit_and_the_roles_mean_the_same_private_network(repository, host, private):
    path = repository / "deploy/services.toml"
    api = 'SERVICE_TYPE = "api"\n'
    path.write_text(path.read_text().replace(api, f'{api}OPENAI_BASE_URL = "http://{host}:8080/v1"\n'))
    assert ("tls" in breaches(repository)) is not private
    assert verifies_tls(f"redis://{host}:6379") is private
    assert proves_who_answers(f"postgresql+asyncpg://u@{host}/d") is private


def test_the_private_addresses_of_railways_own_servers_are_addresses(repository):
    path = repository / "deploy/services.toml"
    text = path.read_text()
    for public, private in (
        ("Redis.REDIS_URL", "Redis.REDIS_PRIVATE_URL"),
        ("Postgres.DATABASE_URL", "Postgres.DATABASE_PRIVATE_URL"),
    ):
        assert public in text
        text = text.replace(public, private)
    path.write_text(text)
    assert {
        rule: said
        for rule, said in breaches(repository).items()
        if rule in ("values", "references", "tls", "same_servers")
    } == {}


@pytest.mark.parametrize(
    "variable",
    [
        "WEB_CONCURRENCY",
        "CELERY_CONFIG_MODULE",
        "CELERY_LOADER",
        "LOADER",
        "BROKER_URL",
        "PGHOST",
        "UVICORN_RELOAD",
        "FLOWER_DEBUG",
    ],
)
def test_what_a_role_takes_away_before_a_library_sees_it_is_not_read(spoil, variable):
    said = [
        breach.flaw
        for breach in spoil("deploy/services.toml", 'DEBUG = "false"', f'DEBUG = "false"\n{variable} = "x"')
        if breach.rule.name == "unread"
    ]
    assert [flaw.what.partition(";")[0] for flaw in said] == [f"nothing reads {variable}"]


def test_what_is_nearly_one_of_ours_is_told_as_such(spoil):
    said = [
        breach.flaw.what
        for breach in spoil(
            "deploy/services.toml", 'DEBUG = "false"', 'DEBUG = "false"\nCELERY_LOG_LEVLE = "x"'
        )
    ]
    assert said == ['nothing reads CELERY_LOG_LEVLE; did you mean "CELERY_LOG_LEVEL"?']
