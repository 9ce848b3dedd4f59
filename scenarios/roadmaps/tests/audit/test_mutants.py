"""Every wrong declaration is caught by exactly the rule that is there for it."""

from collections import Counter

import pytest

from harness.deployment import audit
from scenarios.roadmaps import audit_rules

SERVICES, TIERS = "deploy/services.toml", "deploy/tiers.toml"
LOGS = 'SERVICE_TYPE = "celery_logs"\n'
CONTENT = 'SERVICE_TYPE = "celery_content"\n'
FLOWER = 'SERVICE_TYPE = "flower"\n'
API = 'SERVICE_TYPE = "api"\n'
LIVE = '[shared]\nOPENAI_API_KEY = "sk-live-0123456789abcdef"\n\n'
SHARED_KEY = f"""\
secrets = ["JWT_SECRET_KEY", "ADMIN_PASSWORD"]

{LIVE}[services.roadmap-api.variables]
OPENAI_API_KEY = "${{{{shared.OPENAI_API_KEY}}}}"
"""

# what is wrong: file, a piece of it, what takes its place, the rule that says so, and a part of what it says
MUTANTS = {
    "an unknown key": (SERVICES, "public_port", "publik_port", "declaration", 'did you mean "public_port"'),
    "a worker of no role": (SERVICES, '"celery_logs"', '"celery_log"', "declaration", 'did you mean "celery_logs"'),
    "a service in the wrong case": (
        SERVICES,
        "${{roadmap-api.OPENAI_API_KEY}}",
        "${{Roadmap-api.OPENAI_API_KEY}}",
        "references",
        "(case matters)",
    ),
    "a variable that is not there": (
        SERVICES,
        "${{roadmap-api.OPENAI_MODEL}}",
        "${{roadmap-api.OPENAI_MODLE}}",
        "references",
        'did you mean "OPENAI_MODEL"',
    ),
    "a reference in quotes": (
        SERVICES,
        '"${{Postgres.DATABASE_URL}}"',
        """'"${{Postgres.DATABASE_URL}}"'""",
        "references",
        "in quotes",
    ),
    "a circle": (
        SERVICES,
        'OPENAI_MODEL = "gpt-4o-mini"',
        'OPENAI_MODEL = "${{roadmap-celery-logs.OPENAI_MODEL}}"',
        "references",
        "refers to itself",
    ),
    "two services of one role": (SERVICES, '"celery_logs"', '"celery_content"', "roles", "the SERVICE_TYPE celery_logs"),
    "the root directory twice": (
        SERVICES,
        'root_directory = "/"\ndockerfile = "Dockerfile.railway"',
        'root_directory = "/scripts"\ndockerfile = "scripts/railway_entrypoint.sh"',
        "dockerfile",
        "begins with the root directory once more",
    ),
    "a root directory that is none": (
        SERVICES,
        'root_directory = "/"',
        'root_directory = "backend"',
        "dockerfile",
        "has no folder backend",
    ),
    "a start command": (
        SERVICES,
        'start_command = ""',
        'start_command = "uvicorn app.main:app"',
        "commands",
        "uvicorn app.main:app",
    ),
    "a port on a worker": (SERVICES, LOGS, f'{LOGS}PORT = "8000"\n', "ports", "listens on nothing"),
    "a public worker": (
        SERVICES,
        f"overlap_seconds = 0\n\n[services.roadmap-celery-logs.variables]\n{LOGS}",
        f'overlap_seconds = 0\npublic_port = "CELERY_LOG_LEVEL"\n\n[services.roadmap-celery-logs.variables]\n{LOGS}',
        "ports",
        "to the internet",
    ),
    "Flower on the API's port": (
        SERVICES,
        'public_port = "FLOWER_PORT"',
        'public_port = "SERVICE_TYPE"',
        "ports",
        "does not listen",
    ),
    "a health check that redirects": (
        SERVICES,
        'health_check = "/health"',
        'health_check = "/health/"',
        "health_check",
        "redirects",
    ),
    "a health check that needs the workers": (
        SERVICES,
        'health_check = "/health"',
        'health_check = "/health/ready"',
        "health_check",
        "answers 503",
    ),
    "a health check on a worker": (
        SERVICES,
        "draining_seconds = 45",
        'health_check = "/health"\ndraining_seconds = 45',
        "health_check",
        "roadmap-celery-logs has a health check",
    ),
    "no time to drain": (SERVICES, "draining_seconds = 45", "draining_seconds = 0", "draining", "may need 40 s"),
    "a shutdown softer than the draining is long": (
        SERVICES,
        LOGS,
        f'{LOGS}CELERY_SOFT_SHUTDOWN_SECONDS = "60"\n',
        "draining",
        "may need 80 s",
    ),
    "a pool too large for the overlap": (
        TIERS,
        "database_pool_size = 5",
        "database_pool_size = 6",
        "connections",
        "developer, while two deployments overlap: 96 pools",
    ),
    "a pool too large at all times": (
        TIERS,
        "database_pool_size = 2\n",
        "database_pool_size = 15\n",
        "connections",
        "team, steady: 240 pools",
    ),
    "a pool for the sweeper alone": (
        TIERS,
        "database_pool_size = 2\n",
        "database_pool_size = 1\n",
        "connections",
        "wait for each other",
    ),
    "children that outgrow their machine": (
        SERVICES,
        CONTENT,
        f'{CONTENT}CELERY_MAX_MEMORY_PER_CHILD_KB = "900000"\n',
        "memory",
        "starter has 512",
    ),
    "no database": (
        SERVICES,
        f'{CONTENT}CELERY_CONTENT_CONCURRENCY = "2"\nCELERY_LOG_LEVEL = "info"\nDATABASE_URL = "${{{{Postgres.DATABASE_URL}}}}"\n',
        f'{CONTENT}CELERY_CONTENT_CONCURRENCY = "2"\nCELERY_LOG_LEVEL = "info"\n',
        "unset",
        "does not set DATABASE_URL",
    ),
    "a variable that nobody reads": (
        SERVICES,
        LOGS,
        f'{LOGS}CELERY_CONCURENCY = "4"\n',
        "unread",
        "nothing reads CELERY_CONCURENCY",
    ),
    "a value of the wrong kind": (
        SERVICES,
        'ACCESS_TOKEN_EXPIRE_MINUTES = "43200"',
        'ACCESS_TOKEN_EXPIRE_MINUTES = "30 days"',
        "values",
        "valid integer",
    ),
    "debug in production": (SERVICES, 'DEBUG = "false"', 'DEBUG = "true"', "production", "'true'"),
    "roles merged": (SERVICES, API, f'{API}ALSO_RUN = "celery_logs"\n', "production", "merges roles"),
    "another environment": (SERVICES, 'ENVIRONMENT = "production"', 'ENVIRONMENT = "staging"', "production", "'staging'"),
    "a secret written down": (
        SERVICES,
        FLOWER,
        f'{FLOWER}OPENAI_API_KEY = "sk-0123456789"\n',
        "secrets",
        "written down",
    ),
    "a secret defined twice": (
        SERVICES,
        'secrets = ["FLOWER_BASIC_AUTH"]',
        'secrets = ["FLOWER_BASIC_AUTH", "OPENAI_API_KEY"]',
        "secrets",
        "is defined by roadmap-api already",
    ),
    "another provider's model for the workers": (
        SERVICES,
        'OPENAI_MODEL = "${{roadmap-api.OPENAI_MODEL}}"',
        'OPENAI_MODEL = "gpt-4o"',
        "same_servers",
        "is another one than that of roadmap-api",
    ),
    "a certificate that nobody verifies": (
        SERVICES,
        'REDIS_URL = "${{Redis.REDIS_URL}}"\nFLOWER_PORT',
        'REDIS_URL = "${{Redis.REDIS_URL}}?ssl_cert_reqs=none"\nFLOWER_PORT',
        "tls",
        "turns the verification",
    ),
    "a provider without encryption": (
        SERVICES,
        API,
        f'{API}OPENAI_BASE_URL = "http://openai.example.com/v1"\n',
        "tls",
        "unencrypted",
    ),
    "an open Flower": (SERVICES, 'secrets = ["FLOWER_BASIC_AUTH"]', "secrets = []", "flower", "open to everybody"),
    "a name that Railway does not know": (
        SERVICES,
        API,
        f'{API}RAILWAY_HEALTHCHECK_TIMEOUT_SECONDS = "60"\n',
        "railway_names",
        'did you mean "RAILWAY_HEALTHCHECK_TIMEOUT_SEC"',
    ),
    "a fact in two places": (
        SERVICES,
        API,
        f'{API}RAILWAY_DEPLOYMENT_DRAINING_SECONDS = "5"\n',
        "railway_names",
        "beside draining_seconds",
    ),
    "a live key that all share": (
        SERVICES,
        'secrets = ["JWT_SECRET_KEY", "ADMIN_PASSWORD", "OPENAI_API_KEY"]\n\n[services.roadmap-api.variables]\n',
        SHARED_KEY,
        "secrets",
        "is a secret, written down",
    ),
    "a live key that nobody refers to": (
        SERVICES,
        "[services.roadmap-api]",
        f"{LIVE}[services.roadmap-api]",
        "secrets",
        "is a secret, written down",
    ),
    "a weak secret that is written down": (
        SERVICES,
        '"${{roadmap-api.JWT_SECRET_KEY}}"',
        '"changeme"',
        "secrets",
        "is a secret, written down",
    ),
    "another secret in a secret's place": (
        SERVICES,
        '"${{roadmap-api.JWT_SECRET_KEY}}"',
        '"${{roadmap-api.OPENAI_API_KEY}}"',
        "same_servers",
        "is another one than that of roadmap-api",
    ),
    "a size that is no number": (
        SERVICES,
        CONTENT,
        f'{CONTENT}CELERY_MAX_MEMORY_PER_CHILD_KB = "much"\n',
        "values",
        "valid integer",
    ),
    "no tiers": (TIERS, "", "", "declaration", "tiers.toml has no tier"),
}  # fmt: skip
WHOLE = {"no tiers"}  # nothing is left of the file


def test_what_is_declared_breaks_no_rule(repository, judged):
    assert [
        f"{breach.rule.name} {breach.flaw.place}: {breach.flaw.what}" for breach in judged(repository)
    ] == []


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_wrong_declaration_is_caught_by_exactly_its_rule(repository, spoil, mutant):
    file, old, new, rule, said = MUTANTS[mutant]
    breaches = spoil(file, (repository / file).read_text() if mutant in WHOLE else old, new)
    assert Counter(breach.rule.name for breach in breaches).keys() == {rule}
    assert any(said in breach.flaw.what for breach in breaches), [breach.flaw.what for breach in breaches]
    for breach in breaches:
        assert breach.flaw.place.file.startswith("deploy")
        assert breach.flaw.fix
        assert breach.rule.why


@pytest.mark.parametrize(
    "service", ["roadmap-celery-logs", "roadmap-celery-content", "roadmap-celery-flower"]
)
@pytest.mark.parametrize("server", ["Postgres", "Redis"])
def test_a_worker_on_another_server_of_the_same_kind(repository, judged, service, server):
    path = repository / SERVICES
    before, declared = path.read_text().split(f"[services.{service}.variables]")
    own, table, after = declared.partition("\n[services.")
    variable = {"Postgres": "DATABASE_URL", "Redis": "REDIS_URL"}[server]
    own = own.replace(f"{{{{{server}.", f"{{{{{server}2.")
    before = before.replace("[infrastructure]\n", f'[infrastructure]\n{server}2 = ["{variable}"]\n')
    path.write_text(f"{before}[services.{service}.variables]{own}{table}{after}")
    used = f"{server}2." in own
    found = judged(repository)
    assert [(breach.rule.name, breach.flaw.place.name) for breach in found] == [
        ("same_servers", f"{service}.{variable}")
    ] * used


def test_the_guide_needs_its_tier(repository, judged):
    path = repository / TIERS
    path.write_text(path.read_text().replace("[developer]", "[builder]"))
    assert {breach.rule.name for breach in judged(repository)} == {"guide"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "declares no roles: KeyError"),
        ("ROLES = {}", "declares no roles"),
        ("ROLES = {'api': 1}", "the role api has no command"),
        ("import nothing_of_the_kind", "declares no roles: ModuleNotFoundError"),
        ("ROLES = {", "declares no roles: SyntaxError"),
        (b"\xff", "is not UTF-8 in line 1"),
        (None, "app/roles.py is missing"),
    ],
)
def test_the_roles_are_those_of_the_repository_that_is_judged(repository, judged, text, said):
    path = repository / "app/roles.py"
    if text is None:
        path.unlink()
    else:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    (breach,) = judged(repository)
    assert (breach.rule.name, breach.flaw.place.file) == ("declaration", "app/roles.py")
    assert said in breach.flaw.what


def test_another_repositorys_roles_are_judged_as_its_own(spoil):
    (breach, *_) = found = spoil("app/roles.py", 'queues=("logs",)', 'queues=("log",)')
    assert {breach.rule.name for breach in found} >= {"queues"}
    assert breach.flaw.place.file == "app/roles.py"


def test_a_breach_names_file_line_and_variable(spoil, repository):
    (breach,) = spoil(SERVICES, 'PORT = "8000"', 'PORT = "80000"')
    lines = (repository / SERVICES).read_text().splitlines()
    assert breach.flaw.place.name == "roadmap-api.PORT"
    assert lines[breach.flaw.place.line - 1] == 'PORT = "80000"'


def test_the_shared_scope_is_judged_too(repository, judged):
    path = repository / SERVICES
    path.write_text(path.read_text() + '\n[shared]\nMODEL = "${{roadmap-api.MODEL}}"\n')
    assert {breach.rule.name for breach in judged(repository)} == {"unread"}
    path.write_text(path.read_text().replace('"gpt-4o-mini"', '"${{shared.MODEL}}"', 1))
    assert {breach.rule.name for breach in judged(repository)} == {"references"}


def test_every_rule_has_a_name_and_says_why_it_is_one():
    rules = (*audit.RULES, *audit_rules.RULES)
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.states and rule.why for rule in rules)
