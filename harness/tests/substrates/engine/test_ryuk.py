"""Ryuk is used where it can be had, and is told what to collect; a stand-in plays it where no registry is."""

import io
import json
import os
import subprocess
import sys

import pytest

from harness.substrates.engine.current import the_engine
from harness.substrates.engine.images import PYTHON, resolve

pytestmark = [pytest.mark.e2e, pytest.mark.docker]
STAND_IN = f"celery-harness/ryuk-stand-in:{os.getpid()}"  # another worker removes its own
PROGRAM = """
import socket, time
listening = socket.create_server(("0.0.0.0", 8080))
print("Started!", flush=True)
while True:
    connection, _ = listening.accept()
    time.sleep(0.5)  # nobody waits for it, so it may well be late
    print(connection.makefile().readline(), end="", flush=True)
    connection.sendall(b"ACK\\n")
"""
PROCESS = """
import json, sys
from harness.substrates.engine import ryuk
from harness.substrates.engine.current import the_engine
from harness.base.wait import eventually
from testcontainers.core.config import testcontainers_config
from testcontainers.core.labels import SESSION_ID
if "wanted" in sys.argv:
    ryuk.want()
runs = [ryuk.start(), ryuk.start()]
# Of all that other processes start and remove meanwhile, only ours is looked at.
ours = the_engine().client.containers.list(filters={"name": SESSION_ID}, ignore_removed=True)
names = [found.name for found in ours]
said = [eventually(lambda: found.logs().decode().splitlines()[1:], timeout=10, what="being told") for found in ours]
print(json.dumps([runs, names, testcontainers_config.ryuk_disabled, SESSION_ID, said]))
"""


@pytest.fixture(scope="module")
def stand_in():
    dockerfile = f"FROM {resolve(PYTHON, the_engine())}\nCMD {json.dumps(['python', '-c', PROGRAM])}\n"
    the_engine().client.images.build(fileobj=io.BytesIO(dockerfile.encode()), tag=STAND_IN, rm=True)
    yield STAND_IN
    the_engine().client.images.remove(STAND_IN, force=True)


def told(image: str, *words: str, **environment: str) -> list:
    done = subprocess.run(
        [sys.executable, "-c", PROCESS, *words],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"RYUK_CONTAINER_IMAGE": image} | environment,
    )
    return json.loads(done.stdout)


def test_it_is_started_once_and_told_whose_containers_to_collect(stand_in):
    runs, names, disabled, session, said = told(stand_in, "wanted")
    assert (runs, disabled) == ([True, True], False)
    assert names == [f"testcontainers-ryuk-{session}"]
    assert said == [[f"label=org.testcontainers.session-id={session}"]]


def test_a_process_that_may_leave_a_stack_running_goes_without(stand_in):
    runs, names, disabled, *_ = told(stand_in)
    assert (runs, names, disabled) == ([False, False], [], True)


def test_who_has_disabled_it_goes_without(stand_in):
    runs, names, *_ = told(stand_in, "wanted", TESTCONTAINERS_RYUK_DISABLED="true")
    assert (runs, names) == ([False, False], [])


def test_without_its_image_and_without_a_registry_our_own_reaper_has_to_do():
    runs, names, disabled, *_ = told(
        "celery-harness/no-such-ryuk:at-all", "wanted", HARNESS_POSTGRES_IMAGE="own:1"
    )
    assert (runs, names, disabled) == ([False, False], [], True)
