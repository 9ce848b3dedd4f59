"""The rules over the program's own files: roles, entrypoint."""

from dataclasses import replace

import pytest

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
