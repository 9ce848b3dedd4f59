"""What `harness export` writes is what a stack is started with, without its secrets."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from harness.base import pace
from harness.deployment.declaration import Deployment, DeploymentError
from harness.deployment.export import as_env, as_railway, followed, variables
from harness.deployment.railway_python import as_python
from harness.deployment.references import Resolver, UnresolvedReferenceError
from harness.tests.deployment.shop import PROGRAM, PROVIDED

HARNESS = Path(sys.executable).with_name("harness")


@pytest.fixture
def run(repository):
    """The command, in the shop's repository."""

    def ended(*arguments):
        return subprocess.run(
            [HARNESS, "export", *arguments],
            cwd=repository,
            capture_output=True,
            text=True,
            timeout=60 * pace.factor(),
            check=False,
        )

    return ended


@pytest.fixture
def deployment(repository):
    return Deployment.load(repository, PROGRAM)


def test_what_is_written_becomes_what_a_stack_is_started_with(deployment):
    secrets = {name: f"the secret {name}" for name in deployment.secrets}
    exported = {
        name: variables(deployment, service, "large") for name, service in deployment.services.items()
    }
    resolver = Resolver({**PROVIDED, "shared": secrets, **exported})
    started = deployment.environments(tier="large", provided=PROVIDED, secrets=secrets)
    for name, environment in started.items():
        resolved = resolver.environment(name)
        assert {
            key: value for key, value in resolved.items() if not key.startswith("RAILWAY_")
        } == environment


def test_every_reference_stays_as_it_is_declared(deployment):
    """A value that is changed where it is set has to reach every service that refers to it."""
    api = variables(deployment, deployment.services["shop-api"], "small")
    worker = variables(deployment, deployment.services["shop-worker"], "small")
    assert api["SIGNING_KEY"] == "${{shared.SIGNING_KEY}}"
    assert worker["SIGNING_KEY"] == "${{shop-api.SIGNING_KEY}}"
    assert worker["DB_URL"] == "${{Database.DB_URL}}"
    assert worker["CURRENCY"] == "${{shop-api.CURRENCY}}"
    assert worker["RAILWAY_DEPLOYMENT_DRAINING_SECONDS"] == "20"


@pytest.mark.parametrize(
    "written",
    [
        "postgresql://${{Database.PGUSER}}:${{Database.PGPASSWORD}}@${{Database.RAILWAY_PRIVATE_DOMAIN}}:5432/shop",
        "https://${{shop-api.RAILWAY_PUBLIC_DOMAIN}}/callback",
        "http://${{shop-worker.RAILWAY_PRIVATE_DOMAIN}}:${{Database.PGPORT}}",
        "${{Database.DATABASE_PUBLIC_URL}}",
    ],
)
def test_what_railway_provides_by_itself_stays_a_reference_in_each_form(
    edit, deployment, written, repository
):
    edit("platform/services.toml", 'Database = ["DB_URL"]', 'Database = ["DB_URL", "DATABASE_URL"]')
    edit("platform/services.toml", 'CURRENCY = "EUR"', f'CURRENCY = "{written}"')
    deployment = Deployment.load(repository, PROGRAM)
    services = deployment.services.values()
    assert variables(deployment, deployment.services["shop-api"], "small")["CURRENCY"] == written
    assert written in as_env(deployment, deployment.services["shop-api"], "small")
    assert written in as_railway(deployment, services, "small")


def test_a_reference_to_oneself_names_who_that_is_once_it_is_followed(edit, repository):
    edit("platform/services.toml", 'CURRENCY = "EUR"', 'CURRENCY = "https://${{RAILWAY_PUBLIC_DOMAIN}}"')
    deployment = Deployment.load(repository, PROGRAM)
    worker = followed(deployment, deployment.services["shop-worker"], "small")
    assert worker["CURRENCY"] == "https://${{shop-api.RAILWAY_PUBLIC_DOMAIN}}"  # by way of the API's


def test_a_reference_that_leads_nowhere_is_not_exported(edit, repository):
    edit("platform/services.toml", "${{shop-api.CURRENCY}}", "${{shop-api.CURENCY}}")
    deployment = Deployment.load(repository, PROGRAM)
    with pytest.raises(UnresolvedReferenceError, match='did you mean "CURRENCY"'):
        variables(deployment, deployment.services["shop-worker"], "small")


@pytest.mark.parametrize("tier", ["small", "large"])
def test_a_server_elsewhere_is_a_shared_variable_that_every_service_refers_to(deployment, tier):
    elsewhere = deployment.sharing(["BROKER_URL"])
    assert elsewhere.infrastructure.keys() == {"Database"}
    for name, service in elsewhere.services.items():
        made = variables(elsewhere, service, tier)
        usual = variables(deployment, deployment.services[name], tier)
        assert made == usual | {"BROKER_URL": "${{shared.BROKER_URL}}"}
        assert followed(elsewhere, service, tier)["BROKER_URL"] == "${{shared.BROKER_URL}}"
    assert "Broker" not in as_python(elsewhere, tier, "shop")


def test_what_a_server_elsewhere_does_not_provide_leads_nowhere(edit, repository):
    edit("platform/services.toml", 'Broker = ["BROKER_URL"]', 'Broker = ["BROKER_URL", "REDIS_URL"]')
    edit("platform/services.toml", 'CURRENCY = "EUR"', 'CURRENCY = "${{Broker.REDISHOST}}"')
    elsewhere = Deployment.load(repository, PROGRAM).sharing(["BROKER_URL", "REDIS_URL"])
    with pytest.raises(UnresolvedReferenceError, match="names no service"):
        variables(elsewhere, elsewhere.services["shop-api"], "small")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("BROKER_URI", 'no server provides "BROKER_URI"; did you mean "BROKER_URL"?'),
        ("SIGNING_KEY", 'no server provides "SIGNING_KEY"'),
    ],
)
def test_only_what_one_server_provides_can_be_shared(deployment, name, said):
    with pytest.raises(DeploymentError, match=re.escape(said)):
        deployment.sharing([name])


def test_what_two_servers_provide_cannot_be_one_shared_variable(edit, repository):
    edit(
        "platform/services.toml", 'Broker = ["BROKER_URL"]', 'Broker = ["BROKER_URL"]\nCache = ["BROKER_URL"]'
    )
    with pytest.raises(DeploymentError, match="BROKER_URL is provided by Broker and Cache"):
        Deployment.load(repository, PROGRAM).sharing(["BROKER_URL"])


def test_a_value_that_a_shell_would_read_otherwise_is_quoted(deployment):
    service = deployment.services["shop-api"]
    service.variables["CURRENCY"] = 'the "first" # one'
    line = next(line for line in as_env(deployment, service, "small").splitlines() if "CURRENCY" in line)
    assert shlex.split(line) == ['CURRENCY=the "first" # one']


def test_json_has_the_form_of_railways_own_configuration(deployment):
    made = json.loads(as_railway(deployment, deployment.services.values(), "small"))["services"]
    assert made.keys() == deployment.services.keys()
    assert made["shop-api"]["deploy"] == {"healthcheckPath": "/up"}
    assert made["shop-worker"]["deploy"] == {}
    assert made["shop-worker"]["variables"]["SLOTS"] == {"value": "1"}


def test_the_command_writes_a_file_for_each_service_of_the_project_that_it_is_run_in(run, tmp_path):
    ended = run("--tier", "large", "--output", str(tmp_path / "env"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert {path.stem for path in (tmp_path / "env").iterdir()} == {"shop-api", "shop-worker"}
    assert "SLOTS=4\n" in (tmp_path / "env/shop-worker.env").read_text()


def test_the_first_tier_is_the_usual_one(run):
    ended = run("shop-worker")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("# shop-worker, tier small\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["shop-apy"], "there is no service 'shop-apy'; did you mean \"shop-api\"?"),
        (["--tier", "smal"], "there is no tier 'smal'"),
        (["--format", "toml"], "'toml' is not one of"),
        (["--shared", "BROKER_URI"], 'no server provides "BROKER_URI"; did you mean "BROKER_URL"?'),
    ],
)
def test_a_users_mistake_is_one_sentence_and_exit_code_2(run, arguments, said):
    ended = run(*arguments)
    assert ended.returncode == 2
    assert said in re.sub(r"[│\s]+", " ", ended.stderr)


@pytest.mark.parametrize("form", ["env", "json", "railway-python"])
def test_the_command_shares_what_it_is_told(run, form):
    ended = run("--shared", "BROKER_URL", "--format", form)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("${{shared.BROKER_URL}}") == 2
    assert "${{Broker" not in ended.stdout


def test_a_wrong_declaration_is_one_sentence_and_exit_code_1(run, edit):
    edit("platform/services.toml", "public_port", "publik_port")
    ended = run()
    assert ended.returncode == 1
    assert ended.stderr.startswith("services.toml: [services.shop-api] publik_port: is unknown")
    assert len(ended.stderr.splitlines()) == 1
