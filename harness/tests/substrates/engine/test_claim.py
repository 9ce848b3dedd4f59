"""Nothing of a run stays on the engine when the run is over, however it ended; nothing of anybody else is touched."""

import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from typing import ClassVar
from unittest.mock import MagicMock

import docker.errors
import pytest
import requests

from harness.base.run import alive
from harness.base.wait import eventually
from harness.substrates.engine import labels, reaper
from harness.substrates.engine.container import Container
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.labels import CHECKOUT, NODE, RUN, WORKER

pytestmark = [pytest.mark.e2e, pytest.mark.docker]

OWNER = """
import sys, time
from harness.substrates.engine.claim import Claim
from harness.substrates.engine.container import Container, Wanted
from harness.base.run import Run
from harness.substrates.substrate import supervise
run = Run.begin("owned")
supervisor = supervise(run)
claim = Claim.make(run, supervisor)
network = claim.network()
for node in ("one", "two"):
    alias = f"{node}-{run.token}"
    wanted = Wanted(image=sys.argv[1], node=node, run_id=run.id, alias=alias, network=network, command=["sleep", "600"])
    Container.start(wanted)
print(run.id, supervisor.pid, flush=True)
time.sleep(120)
"""


@pytest.fixture
def owner(image):
    process = subprocess.Popen([sys.executable, "-c", OWNER, image], stdout=subprocess.PIPE, text=True)
    run_id, supervisor = process.stdout.readline().split()
    yield process, run_id, int(supervisor)
    process.kill()
    process.wait()
    process.stdout.close()
    reaper.remove_run(run_id)


def there(run_id: str) -> list[str]:
    client = the_engine().client
    wanted = {"label": f"{RUN}={run_id}"}
    found = client.containers.list(all=True, filters=wanted, ignore_removed=True)
    return [one.name for one in (*found, *client.networks.list(filters=wanted))]


def test_nothing_is_there_five_seconds_after_the_owner_was_killed(owner):
    process, run_id, _ = owner
    assert len(there(run_id)) == 3
    process.kill()
    eventually(lambda: not there(run_id), timeout=5, what="the end of containers and network")


def test_what_even_the_supervisor_left_behind_is_collected_by_who_comes_next(owner):
    process, run_id, supervisor = owner
    reaper.collect_stale()
    assert len(there(run_id)) == 3  # its run lives
    os.kill(supervisor, signal.SIGKILL)
    process.kill()
    eventually(lambda: run_id not in alive(), timeout=5, what="the supervisor's end")
    reaper.collect_stale()
    assert there(run_id) == []


@pytest.mark.parametrize(
    ("said", "taken_for_done"), [("removal of x is already in progress", True), ("in use", False)]
)
def test_what_another_removes_already_is_left_to_it_and_what_is_in_use_is_an_error(
    monkeypatch, said, taken_for_done
):
    class Found:
        labels: ClassVar = {RUN: "r"}

        def remove(self, **_: object) -> None:
            answer = requests.Response()
            answer.status_code = 409
            raise docker.errors.APIError("conflict", response=answer, explanation=said)

    engine = MagicMock()
    engine.client.containers.list.return_value = [Found()]
    monkeypatch.setattr(reaper, "the_engine", lambda: engine)
    with nullcontext() if taken_for_done else pytest.raises(docker.errors.APIError, match=said):
        reaper.remove_run("r")


def test_another_checkouts_containers_are_not_touched(claim, wanted, monkeypatch):
    monkeypatch.setattr(labels, "checkout", lambda: "somebody-else")
    container = Container.start(wanted("exec sleep 600"))
    monkeypatch.undo()
    claim.run.forget()  # as if it were dead
    reaper.collect_stale()
    assert container.alive
    assert there(claim.run.id) != []
    container.remove()


def test_every_container_says_whose_it_is(claim, wanted):
    container = Container.start(wanted("exec sleep 600"))
    found = the_engine().client.containers.list(filters={"label": f"{RUN}={claim.run.id}"})
    assert [one.labels[NODE] for one in found] == ["shell"]
    assert found[0].labels[CHECKOUT] == labels.checkout()
    assert found[0].labels[WORKER] == os.environ.get("PYTEST_XDIST_WORKER", "master")
    container.remove()
