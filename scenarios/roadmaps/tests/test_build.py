"""The images of this checkout: what their Dockerfiles promise, and what is in what comes of them."""

import re
import tomllib

import pytest

from harness.base import pace
from harness.substrates.engine.build import app_image, stamps, tools_image
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.images import PYTHON, resolve
from harness.substrates.engine.recipe import Recipe
from scenarios.roadmaps.application import ROOT
from scenarios.roadmaps.application import app as product

DOCKERFILES = ("Dockerfile.railway", "Dockerfile", "Dockerfile.tools")
LIMIT_BYTES = 190 * 10**6  # of the application's image over its base


def pinned(package):
    return re.search(rf"^{package}==(.+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)[1]


@pytest.mark.parametrize("dockerfile", DOCKERFILES)
def test_a_dockerfile_repeats_what_is_declared_elsewhere_word_for_word(dockerfile):
    arguments = dict(re.findall(r"^ARG (\w+)=(.+)$", (ROOT / dockerfile).read_text(), re.MULTILINE))
    assert arguments["PYTHON_IMAGE"] == PYTHON.official
    assert arguments["UV_VERSION"] == pinned("uv")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert arguments.get("VERSION", version) == version


def test_the_tools_need_what_the_harness_needs_in_the_same_versions():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    known = {need for needs in project["project"]["optional-dependencies"].values() for need in needs}
    known |= set(project["project"]["dependencies"])
    (named,) = re.findall(r"for group in (.+);", (ROOT / "Dockerfile.tools").read_text())
    for group in named.split():
        assert set(project["dependency-groups"][group]) <= known


# What the service runs on, and scripted providers too; and what both send spans with.
SHARED = {"httptools", "uvicorn", "uvloop", "opentelemetry-exporter-otlp-proto-http"}


@pytest.mark.parametrize("dockerfile", DOCKERFILES[:2])
def test_the_application_gets_its_own_dependencies_and_none_of_the_harness(dockerfile):
    (command,) = re.findall(r"uv pip compile (?:.*\\\n)*.*", (ROOT / dockerfile).read_text())
    named = re.findall(r"--group (\w+)", command)
    assert named == ["service", "telemetry"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    harness = {need for needs in project["project"]["optional-dependencies"].values() for need in needs}
    own = {re.split(r"[\[>;]", need)[0] for group in named for need in project["dependency-groups"][group]}
    assert own & {re.split(r"[\[>;]", need)[0] for need in harness} <= SHARED


@pytest.mark.parametrize("dockerfile", DOCKERFILES)
def test_a_dockerfile_uses_only_what_every_builder_understands(dockerfile):
    text = (ROOT / dockerfile).read_text()
    assert not re.search(r"^# *syntax=|--mount|--link|<<", text, re.MULTILINE)
    assert set(re.findall(r"^USER (.+)$", text, re.MULTILINE)) == {"10001"}
    assert not re.search(r"^HEALTHCHECK", text, re.MULTILINE)


def test_the_single_service_differs_from_the_deployed_image_in_what_it_starts_and_in_nothing_else():
    deployed, single = (
        [line for line in (ROOT / name).read_text().splitlines() if not line.startswith("#")]
        for name in ("Dockerfile.railway", "Dockerfile")
    )
    assert [pair for pair in zip(deployed, single, strict=True) if len(set(pair)) > 1] == [
        tuple(
            f'ENTRYPOINT ["dumb-init", "--single-child", "/srv/scripts/{script}"]'
            for script in ("railway_entrypoint.sh", "single_service.sh")
        )
    ]


@pytest.mark.parametrize("dockerfile", DOCKERFILES)
def test_no_test_and_no_secret_is_given_to_a_build(dockerfile):
    files = Recipe(dockerfile=ROOT / dockerfile, base="").files()
    assert {"pyproject.toml", "constraints.txt"} < set(files)
    assert [name for name in files if re.search(r"(^|/)(tests/|test_|\.env|\.git/)|\.pyc$", name)] == []


def test_an_image_says_which_version_and_commit_it_is():
    found = stamps()
    assert re.fullmatch(r"\d+\.\d+\.\d+", found["VERSION"])
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", found["RAILWAY_GIT_COMMIT_SHA"])


def printed(image, script):
    """What a shell script prints in a container of the image."""
    output = the_engine().client.containers.run(image, ["-c", script], entrypoint=["sh"], remove=True)
    return output.decode().strip()


docker = [pytest.mark.e2e, pytest.mark.docker, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", params=[pytest.param("", marks=docker)], ids=["built"])
def app():
    return app_image(product)


def test_the_application_is_not_root_and_finds_no_tool_to_build_or_install_with(app):
    assert printed(app, "id -u") == "10001"
    assert printed(app, "for p in gcc cc make pip uv git; do command -v $p; done; true") == ""
    assert printed(app, "touch /srv/x /venv/x 2>&1; true").count("Permission denied") == 2


def test_the_application_has_its_code_and_no_test(app):
    assert printed(app, "find /srv/app /venv -path '*/tests/*' -o -name conftest.py") == ""
    ours = set(printed(app, "cd /srv && find . -name '*.py'").split())
    assert ours == {
        f"./{name}"
        for name in Recipe(dockerfile=ROOT / DOCKERFILES[0], base="").files()
        if name.endswith(".py")
    }


def test_every_module_is_compiled_and_believed_without_a_look_at_its_source(app):
    script = """
import importlib.util, pathlib, sys
sources = [p for root in ("/srv/app", "/venv/lib") for p in pathlib.Path(root).rglob("*.py")]
lacking = [str(p) for p in sources if not pathlib.Path(importlib.util.cache_from_source(p)).exists()]
checked = [str(p) for p in pathlib.Path("/srv/app").rglob("*.pyc") if p.read_bytes()[4] != 1]
print(len(sources) > 1000, lacking, checked)
"""
    assert printed(app, f"python -c '{script}'") == "True [] []"


def test_a_role_starts_by_the_entrypoint_and_refuses_without_its_settings(app):
    container = the_engine().client.containers.create(app, environment={"SERVICE_TYPE": "celery_logs"})
    try:
        container.start()
        assert container.wait(timeout=60 * pace.factor())["StatusCode"] == 78
        assert b"DATABASE_URL is missing" in container.logs()
    finally:
        container.remove(force=True)


def test_the_application_says_what_it_is_and_adds_little_to_its_base(app):
    image, base = (the_engine().client.images.get(name) for name in (app, resolve(PYTHON)))
    assert image.labels["org.opencontainers.image.version"] == stamps()["VERSION"]
    assert re.match(r"[0-9a-f]{40}", image.labels["org.opencontainers.image.revision"])
    layers = image.attrs["RootFS"]["Layers"]
    assert layers[: len(base.attrs["RootFS"]["Layers"])] == base.attrs["RootFS"]["Layers"]
    assert image.attrs["Size"] - base.attrs["Size"] <= LIMIT_BYTES
    script = "/srv/scripts/railway_entrypoint.sh"
    assert image.attrs["Config"]["Entrypoint"] == ["dumb-init", "--single-child", script]
    assert not image.attrs["Config"].get("Healthcheck")


@pytest.mark.e2e
@pytest.mark.docker
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("python -m harness.providers.openai --port 0", "scripted OpenAI at"),
        ("python -m harness.fake_openai --port 0", "scripted OpenAI at"),
        ("python -m harness.providers.http --port 0", "scripted HTTP service at"),
        (
            "python -m harness.providers.openai --port 0 --unscripted ours --author scenarios/roadmaps/author.py:write",
            "scripted OpenAI at",
        ),
        ("python -c 'import harness.nodes.proxy' && echo imported", "imported"),
        ("python -c 'import app'", "No module named 'app'"),
    ],
)
def test_the_harness_programs_run_in_their_image_which_has_nothing_else(program, said):
    assert said in printed(
        tools_image(product), f'{{ {{ timeout 20 {program}; }} 2>&1 & }} | grep -m 1 "{said}"'
    )
