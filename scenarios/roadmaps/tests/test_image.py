"""A stack on `image`: what its containers are, may use and let in."""

import pytest

from harness import Stack, StackSpec, eventually
from harness.base.run import alive
from harness.substrates.engine.build import app_image
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.labels import NODE, RUN
from scenarios.roadmaps.application import app

pytestmark = [pytest.mark.e2e, pytest.mark.docker, pytest.mark.timeout(300)]
ROLES = {"roadmap-api", "roadmap-celery-content", "roadmap-celery-logs"}
SERVERS = {"postgres", "redis"}


@pytest.fixture(scope="module")
def stack():
    with Stack(StackSpec(substrate="image", tls=True, tier="developer"), "own-tests") as started:
        yield started


@pytest.fixture(scope="module")
def containers(stack):
    found = the_engine().client.containers.list(filters={"label": f"{RUN}={stack.run.id}"})
    return {one.labels[NODE]: one for one in found}


def test_every_member_is_a_container_of_its_run(stack, containers):
    assert set(containers) == ROLES | SERVERS | {"proxy", "openai"}
    with stack.client() as client:
        assert client.sign_up().create_roadmap("Rust").wait_until_ended()["status"] == "completed"


def test_a_role_may_use_what_its_tier_gives_it(containers):
    tier = app.tiers["developer"]
    for name in ROLES:
        limits = containers[name].attrs["HostConfig"]
        assert limits["Memory"] == tier.memory_mb * 2**20
        allowed = tier.cpus * 10**9 if tier.cpus <= the_engine().cores else 0
        assert limits["NanoCpus"] == allowed


def test_nothing_is_reached_from_outside_but_by_the_proxy_and_what_it_needs_itself(containers):
    published = {
        name: {port for port, bound in one.attrs["NetworkSettings"]["Ports"].items() if bound}
        for name, one in containers.items()
    }
    assert {name for name, ports in published.items() if ports} == {"proxy", *SERVERS}
    for one in containers.values():
        for bound in one.attrs["NetworkSettings"]["Ports"].values():
            assert {place["HostIp"] for place in bound or ()} <= {"127.0.0.1"}


def test_roles_run_as_nobody_in_particular_and_only_the_api_has_a_port(containers):
    for name in ROLES:
        assert containers[name].attrs["Config"]["User"] == "10001"
        assert containers[name].image == containers["roadmap-api"].image


def test_every_container_writes_into_a_file_of_its_own(stack, containers):
    for name in containers:
        eventually(stack.run.log(name).exists, timeout=10, what=f"the log of {name}")
    stack.node("roadmap-celery-content").log.wait_for("Celery Worker for Content", timeout=10)


def test_a_role_that_starts_again_is_of_the_image_as_it_is_now(stack, monkeypatch):
    name = "roadmap-celery-logs"
    image = the_engine().client.images.get(app_image(app))
    image.tag("celery-harness/app", "own-tests")
    monkeypatch.setattr("harness.substrates.image.app_image", lambda *_: "celery-harness/app:own-tests")
    stack.node(name).kill()
    node = stack.substrate.declare_role(name, app.roles[name], stack.environments[name])
    node.start()
    stack.wait_until_ready([name])
    found = the_engine().client.containers.list(
        filters={"label": [f"{RUN}={stack.run.id}", f"{NODE}={name}"]}
    )
    assert [one.attrs["Config"]["Image"] for one in found] == ["celery-harness/app:own-tests"]


def test_a_role_that_is_deployed_with_other_variables_has_these_and_else_stays_the_container_it_was(stack):
    name, variable = "roadmap-celery-logs", "CELERY_LOGS_CONCURRENCY"

    def deployed(**variables):
        stack.node(name).stop()
        stack.start_role(name, name, variables)
        stack.wait_until_ready([name])
        wanted = {"label": [f"{RUN}={stack.run.id}", f"{NODE}={name}"]}
        [found] = the_engine().client.containers.list(filters=wanted)
        return found.id, dict(pair.split("=", 1) for pair in found.attrs["Config"]["Env"])[variable]

    (other, three), (again, three_again), (_, own) = (
        deployed(**{variable: "3"}),
        deployed(**{variable: "3"}),
        deployed(),
    )
    assert (three, three_again, own) == ("3", "3", stack.environments[name][variable])
    assert other == again


def test_nothing_is_left_when_it_ends():
    spec = StackSpec(substrate="image", tls=True, start=("roadmap-api",))
    with Stack(spec, "own-tests") as ended:
        pass
    client = the_engine().client
    wanted = {"label": f"{RUN}={ended.run.id}"}
    assert client.containers.list(all=True, filters=wanted, ignore_removed=True) == []
    assert client.networks.list(filters=wanted) == []
    assert client.volumes.list(filters=wanted) == []
    assert ended.run.id not in alive()
