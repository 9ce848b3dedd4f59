"""Values of one's own are judged before they are deployed: by every rule that can, and what is right passes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.base import pace
from harness.deployment.audit import RULES
from harness.deployment.audit.flaw import Severity
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Deployment
from harness.deployment.drift import DRIFT
from harness.deployment.export import as_env, as_railway
from harness.deployment.found import found_in
from harness.deployment.railway_python import as_python
from harness.deployment.there import judge_there
from harness.deployment.toml_table import DeploymentError
from scenarios.roadmaps import audit_rules
from scenarios.roadmaps.application import DEPLOYMENT, ROOT
from scenarios.roadmaps.program import PROGRAM

HARNESS = Path(sys.executable).with_name("harness")
API, LOGS, CONTENT, FLOWER = DEPLOYMENT.services
KEY = "0d6f4a1c9b7e25383ad1f04e97bc3d5660c7e1"
SECRETS = {
    "JWT_SECRET_KEY": KEY,
    "ADMIN_PASSWORD": KEY,
    "OPENAI_API_KEY": f"own-{KEY}",
    "FLOWER_BASIC_AUTH": f"ops:{KEY}",
}
OWN = {
    API: {"ADMIN_EMAIL": "ops@company.org", "OPENAI_MODEL": "own-70b", "REGISTRATION": "invite",
          "OPENAI_DAILY_BUDGET_USD": "5", "OPENAI_PROMPT_PRICE": "0.3", "OPENAI_COMPLETION_PRICE": "1.2"},
    CONTENT: {"OPENAI_BASE_URL": "https://llm.company.org/v1", "OPENAI_RESPONSE_FORMAT": "json_object",
              "OPENAI_DAILY_BUDGET_USD": "5", "OPENAI_PROMPT_PRICE": "0.3", "OPENAI_COMPLETION_PRICE": "1.2"},
}  # fmt: skip


def written(own, shared=SECRETS, without=(), tier="starter", shared_names=()):
    """What Railway has: what is declared, with values of one's own."""
    deployment = DEPLOYMENT.sharing(shared_names)
    services = [one for one in deployment.services.values() if one.name not in without]
    made = json.loads(as_railway(deployment, services, tier))
    for name, values in own.items():
        for variable, value in values.items():
            if value is None:
                del made["services"][name]["variables"][variable]
            else:
                made["services"][name]["variables"][variable] = {"value": value}
    if shared is not None:
        made["sharedVariables"] = {name: {"value": value} for name, value in shared.items()}
    return made


@pytest.fixture
def told(tmp_path):
    """What is said of it: rule, severity and name of each; values are never shown."""

    def judged(own, shared=SECRETS, **options):
        made = written(own, shared, **options)
        path = tmp_path / "now.json"
        path.write_text(json.dumps(made))
        subject = Subject(ROOT, PROGRAM, options.get("shared_names", ()))
        _, breaches = judge_there(subject, path, (*RULES, *audit_rules.RULES, DRIFT))
        assert {breach.flaw.place.file for breach in breaches} <= {str(path)}
        assert KEY not in str(breaches)
        return [(one.rule.name, one.flaw.severity, one.flaw.place.name, one.flaw.what) for one in breaches]

    return judged


def errors(found):
    return {(rule, name) for rule, severity, name, _ in found if severity is Severity.ERROR}


def with_own(service, **more):
    return {**OWN, service: {**OWN.get(service, {}), **more}}


@pytest.mark.parametrize("tier", DEPLOYMENT.tiers)
def test_a_company_with_its_own_provider_is_green_and_sees_what_is_its_own(told, tier):
    found = told(OWN, tier=tier)
    assert {(rule, severity) for rule, severity, _, _ in found} == {("drift", Severity.NOTE)}
    assert {name for _, _, name, _ in found} == {
        f"{service}.{name}" for service in OWN for name in OWN[service]
    }
    (said,) = [what for _, _, name, what in found if name == f"{CONTENT}.OPENAI_RESPONSE_FORMAT"]
    assert said == f"is 'json_object' there, and 'auto' as declared for {tier}"


WRONG = {
    "a form that is none": (with_own(CONTENT, OPENAI_RESPONSE_FORMAT="json"), {("values", f"{CONTENT}.OPENAI_RESPONSE_FORMAT")}),
    "a registration that is none": (with_own(API, REGISTRATION="invited"), {("values", f"{API}.REGISTRATION")}),
    "an address with a query": (with_own(CONTENT, OPENAI_BASE_URL="https://a.b/v1?api-version=2"), {("values", f"{CONTENT}.OPENAI_BASE_URL")}),
    "an address without a scheme": (with_own(CONTENT, OPENAI_BASE_URL="llm.company.org/v1"), {("values", f"{CONTENT}.OPENAI_BASE_URL")}),
    "an address in the clear": (with_own(CONTENT, OPENAI_BASE_URL="http://llm.company.org/v1"), {("tls", f"{CONTENT}.OPENAI_BASE_URL")}),
    "a misspelt name": (with_own(CONTENT, OPENAI_BASEURL="https://a.b/v1"), {("unread", f"{CONTENT}.OPENAI_BASEURL")}),
    "a name that nobody knows": (with_own(CONTENT, XYZ="1"), {("unread", f"{CONTENT}.XYZ")}),
    "a budget without prices": (
        {API: {"OPENAI_MODEL": "own", "OPENAI_DAILY_BUDGET_USD": "5"}, CONTENT: {"OPENAI_DAILY_BUDGET_USD": "5"}},
        {("values", f"{API}.OPENAI_DAILY_BUDGET_USD"), ("values", f"{CONTENT}.OPENAI_DAILY_BUDGET_USD")},
    ),
    "a budget of one role alone": ({API: {"OPENAI_DAILY_BUDGET_USD": "5"}}, {("same_servers", f"{CONTENT}.OPENAI_DAILY_BUDGET_USD")}),
    "the provider of the API alone": ({API: {"OPENAI_BASE_URL": "https://a.b/v1"}}, {("same_servers", f"{CONTENT}.OPENAI_BASE_URL")}),
    "two providers": (with_own(API, OPENAI_BASE_URL="https://a.c/v1"), {("same_servers", f"{CONTENT}.OPENAI_BASE_URL")}),
    "another model of the worker": (with_own(CONTENT, OPENAI_MODEL="other"), {("same_servers", f"{CONTENT}.OPENAI_MODEL")}),
    "an empty key of a service": (with_own(API, OPENAI_API_KEY=""), {("values", f"{API}.OPENAI_API_KEY")}),
    "a key that is copied": (with_own(LOGS, JWT_SECRET_KEY=KEY), {("secrets", f"{LOGS}.JWT_SECRET_KEY")}),
    "a server by its address": (with_own(API, REDIS_URL="redis://redis.railway.internal:6379"), {("same_servers", f"{API}.REDIS_URL")}),
    "a reference to nothing": (with_own(CONTENT, OPENAI_MODEL="${{roadmap-api.MODEL}}"), {("references", f"{CONTENT}.OPENAI_MODEL")}),
    "a name that is missing": (with_own(LOGS, CELERY_LOG_LEVEL=None), {("drift", f"{LOGS}.CELERY_LOG_LEVEL")}),
    "a server that is missing": (with_own(LOGS, REDIS_URL=None), {("unset", f"{LOGS}.REDIS_URL")}),
    "another role": (with_own(LOGS, SERVICE_TYPE="celery_content"), {("drift", f"{LOGS}.SERVICE_TYPE")}),
    "processes of no tier": (with_own(API, UVICORN_WORKERS="1"), {("drift", f"{API}.UVICORN_WORKERS")}),
    "a pool that is too large": (with_own(API, DATABASE_POOL_SIZE="20"), {("connections", f"{API}.DATABASE_POOL_SIZE")}),
    "no time to stop": (with_own(API, RAILWAY_DEPLOYMENT_DRAINING_SECONDS="5"), {("draining", f"{API}.RAILWAY_DEPLOYMENT_DRAINING_SECONDS")}),
    "a name that Railway does not know": (with_own(API, RAILWAY_RUN_UUID="1"), {("railway_names", f"{API}.RAILWAY_RUN_UUID")}),
    "a stage of development": (with_own(API, ENVIRONMENT="development"), {("production", f"{API}.ENVIRONMENT")}),
    "a port of a worker": (with_own(LOGS, PORT="1"), {("ports", f"{LOGS}.PORT")}),
}  # fmt: skip


@pytest.mark.parametrize("mistake", WRONG)
def test_what_is_wrong_is_an_error_of_its_rule_at_its_variable(told, mistake):
    own, expected = WRONG[mistake]
    assert errors(told(own)) == expected


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("JWT_SECRET_KEY", "short", "is weak"),
        ("ADMIN_PASSWORD", "changeme", "is a default or shorter"),
        ("OPENAI_API_KEY", "", "is empty"),
        ("FLOWER_BASIC_AUTH", "ops:short", "must be user:password"),
    ],
)
def test_a_shared_secret_is_judged_where_it_is(told, name, value, said):
    found = told(OWN, {**SECRETS, name: value})
    assert errors(found) == {("values", f"shared.{name}")}
    assert said in found[0][3]


def test_a_file_without_shared_variables_is_asked_whether_their_names_can_be(told):
    wrong = with_own(API, OPENAI_API_KEY="${{shared.OPENAI_KEY}}", REGISTRATION="invited")
    found = [
        (name, what) for _, severity, name, what in told(wrong, shared=None) if severity is Severity.ERROR
    ]
    assert {name for name, _ in found} >= {f"{API}.OPENAI_API_KEY", f"{API}.REGISTRATION"}
    assert 'did you mean "OPENAI_API_KEY"?' in dict(found)[f"{API}.OPENAI_API_KEY"]
    own = with_own(API, OPENAI_MODEL="${{shared.OPENAI_MODEL}}")
    assert not [one for one in told(own, shared=None) if one[1] is Severity.ERROR]


def test_all_that_is_wrong_is_told_at_once(told):
    own = with_own(
        CONTENT,
        OPENAI_RESPONSE_FORMAT="json",
        OPENAI_BASE_URL="llm",
        OPENAI_BASEURL="x",
        OPENAI_PROMPT_PRICE=None,
    )
    own[CONTENT] = {name: value for name, value in own[CONTENT].items() if value is not None}
    shared = {**SECRETS, "JWT_SECRET_KEY": "short", "ADMIN_PASSWORD": "changeme", "OPENAI_API_KEY": ""}
    assert {name for _, name in errors(told(own, shared))} == {
        *(f"{CONTENT}.{name}" for name in ("OPENAI_RESPONSE_FORMAT", "OPENAI_BASE_URL", "OPENAI_BASEURL", "OPENAI_DAILY_BUDGET_USD")),
        *("shared.JWT_SECRET_KEY", "shared.ADMIN_PASSWORD", "shared.OPENAI_API_KEY"),
    }  # fmt: skip


def test_without_flower_nothing_of_it_is_missed(told):
    secrets = {name: value for name, value in SECRETS.items() if name != "FLOWER_BASIC_AUTH"}
    assert errors(told(OWN, secrets, without=[FLOWER])) == set()
    assert errors(told(OWN, SECRETS, without=[FLOWER])) == set()
    assert ("drift", "shared.FLOWER_BASIC_AUTH") in errors(told(OWN, secrets))


def test_a_redis_elsewhere_is_judged_by_its_address(told):
    for address, expected in (
        ("rediss://default:x@own.upstash.io:6379", set()),
        (
            "redis://default:x@own.upstash.io:6379",
            {("tls", "shared.REDIS_URL")},
        ),
    ):
        assert errors(told(OWN, {**SECRETS, "REDIS_URL": address}, shared_names=["REDIS_URL"])) == expected


def test_a_value_that_all_refer_to_may_be_shared(told):
    own = with_own(API, OPENAI_MODEL="${{shared.OPENAI_MODEL}}")
    assert errors(told(own, {**SECRETS, "OPENAI_MODEL": "own-70b"})) == set()
    assert errors(told(own)) == {("references", f"{API}.OPENAI_MODEL")}


def test_what_railway_keeps_to_itself_is_not_judged(told, tmp_path):
    made = written(OWN)
    made["services"][CONTENT]["variables"]["OPENAI_TIMEOUT_SECONDS"] = {"isSealed": True}
    made["sharedVariables"]["JWT_SECRET_KEY"] = {"isSealed": True}
    path = tmp_path / "sealed.json"
    path.write_text(json.dumps(made))
    _, breaches = judge_there(Subject(ROOT, PROGRAM), path, (*RULES, *audit_rules.RULES, DRIFT))
    assert {breach.flaw.severity for breach in breaches} == {Severity.NOTE}


def test_a_second_replica_counts_as_more_processes(tmp_path):
    for pool, expected in (("10", {"connections"}), ("8", set())):
        made = written({name: {"DATABASE_POOL_SIZE": pool} for name in (API, LOGS, CONTENT)})
        made["services"][CONTENT]["deploy"]["multiRegionConfig"] = {"us-west2": {"numReplicas": 2}}
        path = tmp_path / "replicas.json"
        path.write_text(json.dumps(made))
        _, breaches = judge_there(Subject(ROOT, PROGRAM), path, (*RULES, *audit_rules.RULES, DRIFT))
        assert {one.rule.name for one in breaches if one.flaw.severity is Severity.ERROR} == expected


def test_the_declared_email_is_warned_of(told):
    ((rule, severity, name, _),) = told({})
    assert (rule, severity, name) == ("drift", Severity.WARNING, f"{API}.ADMIN_EMAIL")


def spoilt(form, folder, deployment: Deployment):
    """A wrong value in each form that a file may have, and the file in which it stands."""
    if form == "folder":
        for service in deployment.services.values():
            (folder / f"{service.name}.env").write_text(
                as_env(deployment, service, "starter").replace("=auto", "=json")
            )
        return folder, folder / f"{CONTENT}.env"
    if form == "env":
        path = folder / ".env.content"
        path.write_text(
            as_env(deployment, deployment.services[CONTENT], "starter").replace("=auto", '="json" ')
        )
        return path, path
    text = as_python(deployment, "starter", "x").replace("'auto'", "'json'")
    if form == "json":
        text = as_railway(deployment, deployment.services.values(), "starter").replace('"auto"', '"json"')
    path = folder / ("railway.py" if form == "python" else "x.json")
    path.write_text(text)
    return path, path


@pytest.mark.parametrize("form", ["folder", "env", "json", "python"])
def test_each_form_of_a_file_is_judged(tmp_path, form):
    path, file = spoilt(form, tmp_path, DEPLOYMENT)
    _, breaches = judge_there(Subject(ROOT, PROGRAM), path, (*RULES, *audit_rules.RULES, DRIFT))
    (wrong,) = [one for one in breaches if one.flaw.severity is Severity.ERROR]
    assert (wrong.rule.name, wrong.flaw.place.file) == ("values", str(file))
    if form != "json":
        assert "json" in file.read_text().splitlines()[wrong.flaw.place.line - 1]


def test_a_name_that_is_set_twice_in_a_file_is_refused_with_both_lines(tmp_path):
    path = tmp_path / f"{API}.env"
    path.write_text("SERVICE_TYPE=api\nOPENAI_MODEL=one\nOPENAI_MODEL=another\n")
    with pytest.raises(DeploymentError, match="OPENAI_MODEL is set twice, in lines 2 and 3"):
        found_in(path, DEPLOYMENT)


def test_the_command_ends_with_0_for_ones_own_and_1_for_what_is_wrong(tmp_path):
    path = tmp_path / "now.json"
    for own, code in ((OWN, 0), (with_own(API, REGISTRATION="invited"), 1)):
        path.write_text(json.dumps(written(own)))
        ended = subprocess.run(
            [HARNESS, "audit", "--against", path, "--format", "json"], cwd=ROOT, capture_output=True, text=True, timeout=60 * pace.factor(), check=False
        )  # fmt: skip
        assert ended.returncode == code, ended.stdout + ended.stderr
        assert all("services.toml" not in one["fix"] for one in json.loads(ended.stdout))
