"""More of a service: at peak times, and for a moment at each deploy."""

import signal
import threading
import time

import httpx
import pytest

from harness import eventually
from scenarios.probes import http_get
from scenarios.roadmaps.application import DEPLOYMENT
from scenarios.roadmaps.services import API, CONTENT

pytestmark = pytest.mark.e2e
SERVICES = DEPLOYMENT.services
PAUSE_SECONDS = 0.01
START_SECONDS = 60.0  # of a busy machine
# exit codes: by itself, by the signal, and by the signal behind an init
TOLD = {0, -signal.SIGTERM, 128 + signal.SIGTERM}
SOON = {"CELERY_SOFT_SHUTDOWN_SECONDS": "3"}  # in place of 20
# otherwise the sweeper would send the roadmaps that a worker keeps waiting
NO_RESCUE = {"DISPATCH_GRACE_SECONDS": "60"}


@pytest.mark.stack(env={"CELERY_CONTENT_CONCURRENCY": "1", **SOON, **NO_RESCUE})
def test_a_second_worker_takes_what_the_first_has_no_hand_free_for(system):
    """One more content worker shares the queue: a roadmap that waits behind another one is written at once."""
    ada = system.api.sign_up()
    system.openai.on(step="intent", contains="Rust").hang(times=1)
    held_up = ada.create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")
    waiting = ada.create_roadmap("Go")
    assert waiting.status()["status"] == "queued"

    second = system.deploy(CONTENT, name=f"{CONTENT}-2")

    assert waiting.wait_until_ended()["status"] == "completed"
    assert held_up.status()["status"] == "running"
    assert [line for line in system.log_lines(second.name) if line.get("roadmap_id") == waiting.id]
    system.node(CONTENT).stop(timeout=SERVICES[CONTENT].draining_seconds)
    assert held_up.wait_until_ended()["status"] == "completed"


@pytest.mark.stack(env={"MAX_ROADMAPS_IN_THE_MAKING": "1000"})
def test_a_rolling_deploy_loses_no_request(system):
    """Old and new API overlap, the old one drains after SIGTERM: no request fails, and every accepted roadmap is written."""
    links = system.stack.substrate.links
    ada = system.api.sign_up()
    answers: list[int | str] = []
    done = threading.Event()

    def ask() -> None:
        with httpx.Client(
            base_url=system.api_url, headers=ada.headers, trust_env=False, timeout=15
        ) as client:
            while not done.wait(PAUSE_SECONDS):
                try:
                    # a connection for each request, as from an edge that has just learnt of the new deployment
                    answers.append(client.get("/api/v1/auth/me", headers={"Connection": "close"}).status_code)
                except httpx.TransportError as error:
                    answers.append(repr(error))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        before = ada.create_roadmap("Before")
        new = system.deploy(API, name=f"{API}-new")
        eventually(
            lambda: http_get(f"{system.stack.substrate.url(new.name)}/health").status_code == 200,
            timeout=20,
            what="the new deployment's health",
            unless=new.why_down,
        )
        links.aim(API, links.target(new.name))
        began = time.monotonic()
        system.node(API).stop(timeout=SERVICES[API].draining_seconds)
        drained = time.monotonic() - began
        ada.forget_connections()
        after = ada.create_roadmap("After")
        handled = len(answers)
        eventually(lambda: len(answers) > handled, timeout=10, what="an answer of the new deployment")
    finally:
        done.set()
        asking.join()
    assert set(answers) == {200}
    assert {roadmap.wait_until_ended()["status"] for roadmap in (before, after)} == {"completed"}
    assert drained < SERVICES[API].draining_seconds
    system.show("requests while it rolled", len(answers))


@pytest.mark.stack(env=SOON)
def test_a_worker_that_is_deployed_anew_hands_its_work_over(system):
    """A content worker at work is told to stop: it hands the work back within its draining time, and the new one finishes it."""
    system.openai.on(step="intent").hang(times=1)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    system.openai.wait_for(1, step="intent")
    new = system.deploy(CONTENT, name=f"{CONTENT}-new")
    assert system.node(CONTENT).stop(timeout=SERVICES[CONTENT].draining_seconds) in TOLD
    assert roadmap.wait_until_ended()["status"] == "completed"
    assert roadmap.status()["attempt"] == 1  # what is handed back is no attempt; one that a kill cuts off is
    assert [line for line in system.log_lines(new.name) if line.get("roadmap_id") == roadmap.id]


@pytest.mark.stack(omit=(), start=())
@pytest.mark.parametrize("said", ["", "banner"])
def test_a_role_that_is_told_to_end_while_it_starts_ends(system, said):
    """A deploy is taken back while its roles are starting: each ends when it is told to, and is not waited for until it is killed."""
    for name, service in SERVICES.items():
        node = system.node(name)
        node.start()
        if said:  # from here on it is another program
            node.log.wait_for(service.role.banner, timeout=START_SECONDS, since=system.stack.cursor(name))
        assert node.stop(timeout=service.draining_seconds) in TOLD
