"""docker-compose.yml is written by hand and must say what the images and .env.example say.

That it says what deploy/ says is judged by the rule `compose` of the audit.
"""

import re

import httpx
import pytest
import yaml

from harness.providers.openai.server import FakeOpenAIServer
from harness.substrates.engine.images import IMAGES, POSTGRES, PYTHON, REDIS
from scenarios.roadmaps.application import DEPLOYMENT, ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
DEPLOYED = DEPLOYMENT.services
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<how>[-?])(?P<rest>[^}]*))?\}")


def name_here(service):
    return service.removeprefix("roadmap-").replace("celery-flower", "flower")


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


async def test_the_scripted_provider_has_the_page_that_it_is_asked_for():
    (command,) = [word for word in SERVICES["fake-openai"]["healthcheck"]["test"] if "urlopen" in word]
    (page,) = re.findall(r"http://[^']+", command)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(FakeOpenAIServer(api_key="a-key"))) as client:
        assert (await client.get(page)).status_code == 200
        assert (await client.get(page.replace("totals", "stats"))).status_code == 404
