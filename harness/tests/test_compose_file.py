"""docker-compose.yml is written by hand and must say what deploy/, the images and .env.example say."""

import re

import pytest
import yaml

from harness.deployment import Deployment
from harness.engine.images import IMAGES, POSTGRES, PYTHON, REDIS
from harness.run import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
DEPLOYED = Deployment.load().services
# What only a deployment on one machine needs: the scripted provider's address, and who administers it.
MORE = {"OPENAI_BASE_URL"}
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<how>[-?])(?P<rest>[^}]*))?\}")


def name_here(service):
    return service.removeprefix("roadmap-").replace("celery-flower", "flower")


def as_by_default(value):
    """A value where nobody sets what it refers to; a secret stays as it is written."""
    return VARIABLE.sub(lambda found: found["rest"] if found["how"] == "-" else found[0], value)


@pytest.mark.parametrize("name", DEPLOYED)
def test_a_service_has_the_environment_that_is_deployed(name):
    deployed, here = DEPLOYED[name], SERVICES[name_here(name)]["environment"]
    secrets = {*deployed.secrets, *(n for s in DEPLOYED.values() for n in s.secrets)}
    assert set(here) - MORE == {*deployed.variables, *deployed.secrets}
    for variable, value in here.items():
        written = deployed.variables.get(variable, "")
        if variable in secrets:
            assert ":?" in value, f"{variable} must not have a default"
        elif written.startswith("${{") and not written.startswith("${{roadmap-api."):
            assert value == SERVICES["api"]["environment"][variable]
        elif variable not in MORE:
            of_api = DEPLOYED["roadmap-api"].variables.get(variable) if written.startswith("${{") else written
            assert as_by_default(value) == of_api, variable


@pytest.mark.parametrize("name", DEPLOYED)
def test_a_service_is_built_from_the_deployed_dockerfile(name):
    build = SERVICES[name_here(name)]["build"]
    assert build["dockerfile"] == DEPLOYED[name].dockerfile
    assert build["args"]["PYTHON_IMAGE"] == f"${{{PYTHON.variable}:-{PYTHON.official}}}"


def test_its_images_are_those_of_the_harness():
    for service, image in (("postgres", POSTGRES), ("redis", REDIS)):
        assert SERVICES[service]["image"] == f"${{{image.variable}:-{image.official}}}"
    named = set(re.findall(r"HARNESS_\w+", TEXT))
    assert named == {image.variable for image in IMAGES}


def test_only_who_has_a_page_is_published_and_only_on_loopback():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    public = {name_here(name) for name, service in DEPLOYED.items() if service.public_port}
    assert set(published) == public
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_everybody_says_whether_it_is_well_and_waits_until_others_are():
    assert [name for name, service in SERVICES.items() if "healthcheck" not in service] == []
    for service in SERVICES.values():
        conditions = {on["condition"] for on in service.get("depends_on", {}).values()}
        assert conditions <= {"service_healthy"}
    for worker in ("celery-logs", "celery-content"):
        assert set(SERVICES[worker]["depends_on"]) == {"postgres", "redis", "api"}


def test_a_service_can_be_scaled_for_nothing_of_it_is_named_or_fixed():
    assert not re.search(r"container_name|hostname", TEXT)


def test_every_secret_is_required_and_named_in_the_example():
    example = (ROOT / ".env.example").read_text()
    there = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    required = {found["name"] for found in VARIABLE.finditer(TEXT) if found["how"] == "?"}
    assert required == {name for name, value in there.items() if not value}
    used = {found["name"] for found in VARIABLE.finditer(TEXT)}
    assert set(there) <= used
    assert [found[0] for found in VARIABLE.finditer(TEXT) if not found["how"]] == []
