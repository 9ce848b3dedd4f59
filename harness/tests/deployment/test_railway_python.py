"""Railway's infrastructure as code, there and back, and what has drifted from the declaration."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.base import pace
from harness.deployment.audit import unreadable
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Deployment
from harness.deployment.drift import drift
from harness.deployment.export import as_railway
from harness.deployment.railway_python import as_python, read, settings
from harness.deployment.toml_table import DeploymentError
from harness.tests.deployment.shop import PROGRAM

HARNESS = Path(sys.executable).with_name("harness")
TIERS = ("small", "large")


@pytest.fixture
def deployment(repository):
    return Deployment.load(repository, PROGRAM)


@pytest.fixture
def file(tmp_path, deployment):
    path = tmp_path / "railway.py"
    path.write_text(as_python(deployment, "large", "shop"))
    return path


@pytest.fixture
def drifted(repository, file):
    """Replace a piece of the file, once, and compare what has become of it."""

    def compare(old, new):
        text = file.read_text()
        assert old in text, f"the file has no {old!r}"
        file.write_text(text.replace(old, new, 1))
        return drift(Subject(repository, PROGRAM), file)

    return compare


@pytest.mark.parametrize("tier", TIERS)
def test_the_way_back_is_equal(tmp_path, deployment, tier):
    path = tmp_path / "railway.py"
    path.write_text(as_python(deployment, tier, "shop"))
    assert {name: found.values for name, found in read(path).items()} == {
        name: settings(deployment, service, tier) for name, service in deployment.services.items()
    }


@pytest.mark.parametrize("tier", TIERS)
def test_no_tier_has_drifted_from_itself(repository, tmp_path, deployment, tier):
    for name, text in (
        ("railway.py", as_python(deployment, tier, "shop")),
        ("environment.json", as_railway(deployment, deployment.services.values(), tier)),
    ):
        (tmp_path / name).write_text(text)
        assert drift(Subject(repository, PROGRAM), tmp_path / name) == []


@pytest.mark.parametrize("tier", TIERS)
def test_a_deployment_with_a_server_elsewhere_has_not_drifted_from_itself(
    repository, tmp_path, deployment, tier
):
    elsewhere = deployment.sharing(["BROKER_URL"])
    made = json.loads(as_railway(elsewhere, elsewhere.services.values(), tier))
    kept = {name: {"value": "hunter2"} for name in ("SIGNING_KEY", "BROKER_URL")}
    for name, text in (
        ("railway.py", as_python(elsewhere, tier, "shop")),
        ("environment.json", json.dumps(made | {"sharedVariables": kept})),
    ):
        (tmp_path / name).write_text(text)
        assert drift(Subject(repository, PROGRAM, ["BROKER_URL"]), tmp_path / name) == []
        assert {
            breach.flaw.place.name for breach in drift(Subject(repository, PROGRAM), tmp_path / name)
        } >= {
            "shop-api.BROKER_URL",
            "shop-worker.BROKER_URL",
        }


def test_a_server_elsewhere_has_its_shared_variable(repository, tmp_path, deployment):
    elsewhere = deployment.sharing(["BROKER_URL"])
    made = json.loads(as_railway(elsewhere, elsewhere.services.values(), "large"))
    path = tmp_path / "environment.json"
    path.write_text(json.dumps(made | {"sharedVariables": {"SIGNING_KEY": {"isSealed": True}}}))
    (found,) = drift(Subject(repository, PROGRAM, ["BROKER_URL"]), path)
    assert found.flaw.place.name == "shared.BROKER_URL"
    assert "is not set there" in found.flaw.what


def test_the_file_is_python_of_the_sdk_and_holds_no_secret(file):
    text = file.read_text()
    compile(text, "railway.py", "exec")
    assert "from railway_sdk import define_railway, project, service" in text
    assert "'SIGNING_KEY': '${{shared.SIGNING_KEY}}'" in text


@pytest.mark.parametrize(
    ("old", "new", "name", "said"),
    [
        ("'SLOTS': '4'", "'SLOTS': '5'", "shop-worker.SLOTS", "is '5' there, and '4' as declared for large"),
        ("'CURRENCY': 'EUR',", "", "shop-api.CURRENCY", "is not set there, and 'EUR'"),
        ("'STAGE'", "'SPARE': '1', 'STAGE'", "shop-api.SPARE", "is another there, and not set"),
        ("'${{shared.SIGNING_KEY}}'", "'hunter2'", "shop-api.SIGNING_KEY", "is another there"),
        ("'${{Database.DB_URL}}'", "'postgresql://u:hunter2@h/d'", "shop-api.DB_URL", "is another there"),
        ("root='/'", "root='/', start='flask run'", "shop-api.start", "there, and not set"),
        (
            "'drainingSeconds': 25",
            "'drainingSeconds': 5",
            "shop-api.drainingSeconds",
            "is '5' there, and '25'",
        ),
        ("healthcheck='/up'", "healthcheck='/'", "shop-api.healthcheck", "is '/' there"),
        ("'shop-worker'", "'shop-workers'", "shop-worker", "is declared and is not there"),
        ("'shop-worker'", "'shop-workers'", "shop-workers", "is there and is not declared"),
    ],
)
def test_what_has_drifted_is_named_with_its_line(drifted, file, old, new, name, said):
    breaches = {breach.flaw.place.name: breach.flaw for breach in drifted(old, new)}
    assert said in breaches[name].what
    assert "hunter2" not in str(breaches)
    lines = file.read_text().splitlines()
    if new and "not there" not in said:
        assert (
            new.splitlines()[0] in lines[breaches[name].place.line - 1]
            or "service(" in lines[breaches[name].place.line - 1]
        )


def test_references_may_be_written_as_the_sdk_has_them(drifted):
    assert drifted("'${{shared.SIGNING_KEY}}'", "ctx.shared.SIGNING_KEY") == []
    assert drifted("'${{Database.DB_URL}}'", "ref(postgres('Database'), 'DB_URL')") == []
    assert drifted("'${{Database.DB_URL}}'", "postgres('Database').env.DB_URL") == []
    assert drifted("'${{Broker.BROKER_URL}}'", "redis('Broker').env['BROKER_URL']") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'${{Database.DB_URL}}'", "'${{ Database.DB_URL }}'"),
        ("'${{Database.DB_URL}}'", "'${{Database.DB_URL  }}'"),
        ("'${{shared.SIGNING_KEY}}'", '"${{  shared.SIGNING_KEY }}"'),
        ("'CURRENCY': '${{shop-api.CURRENCY}}'", "'CURRENCY': 'EUR'"),  # what it leads to
        ("'SLOTS': '4'", "'SLOTS': 4"),
        ("'shop-api',", "name='shop-api',"),
    ],
)
def test_what_means_the_same_has_not_drifted(drifted, old, new):
    assert drifted(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "name", "said"),
    [
        ("'builder': 'DOCKERFILE'", "'builder': 'NIXPACKS'", "shop-api.builder", "is 'NIXPACKS' there"),
        ("'builder': 'DOCKERFILE', ", "", "shop-api.builder", "is not set there, and 'DOCKERFILE'"),
        ("'STAGE'", "'root': '/', 'STAGE'", "shop-api.env.root", "is another there, and not set"),
        ("'STAGE'", "'builder': 'x', 'STAGE'", "shop-api.env.builder", "is another there, and not set"),
        ("'STAGE'", "'healthcheck': '/up', 'STAGE'", "shop-api.env.healthcheck", "is another there"),
        ("'${{Database.DB_URL}}'", "'${{ Database.DB_URI }}'", "shop-api.DB_URL", "is another there"),
        (
            "'drainingSeconds': 25",
            "'numReplicas': 3, 'drainingSeconds': 25",
            "shop-api.numReplicas",
            "not set",
        ),
        ("resources=[", "resources=[mysql('Spare'),", "Spare", "is a mysql there and is not declared"),
        ("resources=[", "resources=[volume('Spare'),", "Spare", "is a volume there and is not declared"),
    ],
)
def test_what_hides_behind_a_name_has_drifted_all_the_same(drifted, old, new, name, said):
    breaches = {breach.flaw.place.name: breach.flaw for breach in drifted(old, new)}
    assert [*breaches] == [name]
    assert said in breaches[name].what


POSTGRES = ('Database = ["DB_URL"]', 'Database = ["DB_URL", "PGHOST"]')


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("", "is declared and is not there"),
        ("            # postgres('Database'),\n", "is declared and is not there"),
        ("            postgres('Databases'),\n", "is declared and is not there"),
        ("            mysql('Database'),\n", "is a mysql there, and a postgres as declared"),
    ],
)
def test_a_server_that_the_file_leaves_out_is_named_for_it_would_go_with_its_data(
    repository, edit, tmp_path, new, said
):
    edit("platform/services.toml", *POSTGRES)
    path = tmp_path / "railway.py"
    made = as_python(Deployment.load(repository, PROGRAM), "large", "shop")
    path.write_text(made)
    assert drift(Subject(repository, PROGRAM), path) == []
    line = "            postgres('Database'),\n"
    assert line in made
    path.write_text(made.replace(line, new))
    first, *others = drift(Subject(repository, PROGRAM), path)
    assert (first.flaw.place.name, said in first.flaw.what) == ("Database", True)
    assert "with its data" in first.flaw.fix
    assert [breach.flaw.place.name for breach in others] == (["Databases"] if "Databases" in new else [])


def test_only_what_the_project_lists_is_there(drifted, file):
    text = file.read_text()
    before, service, behind = re.fullmatch(
        r"(.*resources=\[\n(?: +#[^\n]*\n)*)(.*?\n            \),\n)(.*)", text, re.DOTALL
    ).groups()
    head, main = before.split("@define_railway")
    file.write_text(f"{head}api = {service.strip().rstrip(',')}\n@define_railway{main}{behind}")
    (found,) = drifted("'STAGE'", "'STAGE'")
    assert (found.flaw.place.name, found.flaw.what) == ("shop-api", "is declared and is not there")
    assert drifted("resources=[", "resources=[api,") == []
    assert drifted("resources=[api,", "resources=[api] + [") == []
    assert drifted("resources=[api] + [", "resources=[*[api],") == []


@pytest.mark.parametrize(
    ("change", "name", "said"),
    [
        (
            lambda api: api["build"].update(dockerfilePath="Dockerfile"),
            "dockerfilePath",
            "is 'Dockerfile' there",
        ),
        (lambda api: api["build"].update(builder="NIXPACKS"), "builder", "is 'NIXPACKS' there"),
        (lambda api: api["source"].update(rootDirectory="/app"), "root", "is '/app' there"),
        (lambda api: api["deploy"].pop("healthcheckPath"), "healthcheck", "is not set there"),
        (lambda api: api["deploy"].update(startCommand="sh -c hunter2"), "startCommand", "is another there"),
        (lambda api: api["variables"].pop("CURRENCY"), "CURRENCY", "is not set there"),
        (lambda api: api["variables"].update(root={"value": "/"}), "env.root", "is another there"),
        (lambda api: api["build"].update(builder="DOCKERFILE"), "", ""),
        (lambda api: api["source"].update(repo="shop/shop"), "", ""),
        (lambda api: api["variables"].update(SIGNING_KEY={"isSealed": True}), "", ""),
        (lambda api: api["variables"].update(DB_URL={"value": "${{ Database.DB_URL }}"}), "", ""),
        (lambda api: api["deploy"].update(startCommand=None), "", ""),
        (
            lambda api: api["deploy"].update(sleepApplication=False, startCommand="", cronSchedule=None),
            "",
            "",
        ),
        (lambda api: api["deploy"].update(sleepApplication=True), "sleepApplication", "is another there"),
        (lambda api: api["deploy"].update(numReplicas=0), "numReplicas", "is another there"),
        (lambda api: api["variables"].update(EXTRA=None), "", ""),
        (lambda api: api["variables"].update(EXTRA={"value": None}), "", ""),
        (lambda api: api["variables"].update(EXTRA={"value": ""}), "EXTRA", "is another there"),
        (lambda api: api["variables"].update(CURRENCY=None), "CURRENCY", "is not set there"),
        (lambda api: api["variables"].update(TRACE={"value": False}), "TRACE", "is 'false' there"),
        (
            lambda api: api["variables"].update(CURRENCY={"value": "-----BEGIN CERTIFICATE-----\nhunter2"}),
            "CURRENCY",
            "is another there",
        ),
        (
            lambda api: api["variables"].update(CURRENCY={"value": "https://key:hunter2@collector:4318"}),
            "CURRENCY",
            "is another there",
        ),
    ],
)
def test_json_is_compared_in_all_that_it_says(repository, deployment, tmp_path, change, name, said):
    made = json.loads(as_railway(deployment, deployment.services.values(), "large"))
    made["services"]["Database"] = {"source": {"image": "postgres:18"}}
    change(made["services"]["shop-api"])
    path = tmp_path / "environment.json"
    path.write_text(json.dumps(made))
    found = drift(Subject(repository, PROGRAM), path)
    assert [breach.flaw.place.name for breach in found] == ([f"shop-api.{name}"] if name else [])
    assert all(said in breach.flaw.what for breach in found)
    assert "hunter2" not in str(found)


SHARED_THERE = [
    ({"SIGNING_KEY": {"isSealed": True}, "SIZE": {"value": "xl"}}, ()),
    ({"SIGNING_KEY": {"value": "hunter2"}, "SIZE": {"value": "xl"}}, ()),
    ({"SIGNING_KEY": {"isSealed": True}, "SIZE": {"isSealed": True}}, ()),
    ({"SIZE": {"value": "xl"}}, ("SIGNING_KEY", "is not set there, and services refer to it")),
    ({"SIGNING_KEY": {"isSealed": True}}, ("SIZE", "is not set there")),
    ({"SIGNING_KEY": {"isSealed": True}, "SIZE": {"value": "hunter2"}}, ("SIZE", "is another there")),
    (
        {"SIGNING_KEY": {"isSealed": True}, "SIZE": {"value": "xl"}, "MORE": {"value": "hunter2"}},
        ("MORE", "is another there"),
    ),
    ({"SIGNING_KEY": {"isSealed": True}, "SIZE": {"value": "xl"}, "MORE": None}, ()),
]


@pytest.mark.parametrize(("there", "expected"), SHARED_THERE)
@pytest.mark.parametrize("form", ["json", "python"])
def test_variables_of_the_project_are_compared_where_the_file_says_them(
    repository, tmp_path, there, expected, form
):
    services = repository / PROGRAM.folder / "services.toml"
    before, table, after = services.read_text().partition("[services.shop-api]")
    services.write_text(f'{before}[shared]\nSIZE = "xl"\n\n{table}{after}')
    deployment = Deployment.load(repository, PROGRAM)
    if form == "json":
        made = json.loads(as_railway(deployment, deployment.services.values(), "large"))
        text, name = json.dumps(made | {"sharedVariables": there}), "environment.json"
    else:
        python = {key: one and one.get("value", ...) for key, one in there.items()}
        said = ", ".join(
            f"{key!r}: {'preserve()' if value is ... else repr(value)}" for key, value in python.items()
        )
        text, name = (
            as_python(deployment, "large", "shop").replace("resources=[", f"shared={{{said}}}, resources=["),
            "railway.py",
        )
    (tmp_path / name).write_text(text)
    found = drift(Subject(repository, PROGRAM), tmp_path / name)
    assert [(breach.flaw.place.name, breach.flaw.what) for breach in found] == (
        [(f"shared.{expected[0]}", found[0].flaw.what)] if expected else []
    )
    assert not expected or expected[1] in found[0].flaw.what
    assert "hunter2" not in str(found)


def test_what_is_unset_in_python_has_not_drifted(drifted):
    assert (
        drifted("deploy={", "deploy={'sleepApplication': False, 'cronSchedule': None, 'startCommand': '', ")
        == []
    )


def test_a_service_that_is_made_twice_is_told(file):
    text = file.read_text()
    file.write_text(text.replace("'shop-worker',", "'shop-api',"))
    with pytest.raises(DeploymentError, match="makes the service shop-api once more"):
        read(file)


def test_what_is_kept_is_not_compared(drifted):
    assert drifted("'${{shared.SIGNING_KEY}}'", "preserve()") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def", "is no Python"),
        ("x = 1", "makes no service"),
        (
            'import os\nservice("a", env={"A": os.environ["A"]})',
            "line 2 has an? \\w+, which is no",
        ),
        ('service("a", env=all_of_it())', "line 1 has variables that are no dict"),
        ('service("a", **more)', "of what \\*\\* spreads out"),
        ('service("a", env={"A": 1 + f()})', "which is no literal"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_line(tmp_path, text, said):
    path = tmp_path / "railway.py"
    path.write_text(text)
    with pytest.raises(DeploymentError, match=said):
        read(path)


def test_a_byte_order_mark_is_no_drift(repository, file):
    """Editors of Windows begin a file with one."""
    file.write_text(f"\ufeff{file.read_text()}", encoding="utf-8")
    assert drift(Subject(repository, PROGRAM), file) == []
    other = file.with_suffix(".json")
    other.write_text('\ufeff{"services": {}}', encoding="utf-8")
    assert {breach.rule.name for breach in drift(Subject(repository, PROGRAM), other)} == {"drift"}


@pytest.mark.parametrize("within", [True, False])
@pytest.mark.parametrize(("name", "text"), [("set.py", "x = 1\n\ndef"), ("set.json", "[]")])
def test_what_cannot_be_read_is_found_at_the_file_that_was_given(
    repository, tmp_path_factory, monkeypatch, name, text, within
):
    root, elsewhere = repository.resolve(), tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(root)
    path = (root if within else elsewhere) / name
    path.write_text(text)
    for given in (path, Path(os.path.relpath(path))):
        with pytest.raises(DeploymentError) as refused:
            drift(Subject(root, PROGRAM), given)
        (breach,) = unreadable(refused.value, root)
        expected = name if within else given.as_posix()
        assert (breach.flaw.place.file, breach.flaw.place.line) == (expected, 3 if name == "set.py" else 1)


def test_the_command_compares(repository, file):
    def run(*arguments):
        return subprocess.run(
            [HARNESS, "audit", "--against", *arguments],
            cwd=repository,
            capture_output=True,
            text=True,
            timeout=300 * pace.factor(),
            check=False,
        )

    ended = run(str(file))
    assert (ended.returncode, "0 errors" in ended.stdout) == (0, True), ended.stdout + ended.stderr
    file.write_text(file.read_text().replace("'SLOTS': '4'", "'SLOTS': '5'"))
    ended = run(str(file), "--format", "json")
    assert ended.returncode == 1
    ((found),) = json.loads(ended.stdout)
    assert (found["rule"], found["name"]) == ("drift", "shop-worker.SLOTS")
    told = run(str(file), "--explain", "drift")
    assert (
        told.returncode,
        told.stdout.startswith("drift: what the file sets is what is declared\nwhy: "),
    ) == (0, True)
    ended = run(str(file.parent / "none.py"))
    assert ended.returncode == 1
    assert "none.py" in ended.stdout
    assert "cannot be read" in re.sub(r"\s+", " ", ended.stdout)
