"""What the tests of containers share: a small image that is there anyway, and a claim for what is made of it."""

import tempfile
from pathlib import Path

import pytest

from harness.base.run import Run
from harness.substrates.engine.claim import Claim
from harness.substrates.engine.container import Wanted
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.images import REDIS, resolve
from harness.substrates.substrate import supervise


@pytest.fixture
def folder():
    """A path short enough for a unix socket, on macOS too."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="engine-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def image():
    return resolve(REDIS, the_engine())


@pytest.fixture
def claim():
    run = Run.begin("own-tests")
    supervisor = supervise(run)
    made = Claim.make(run, supervisor)
    yield made
    made.give_up()
    run.forget()
    supervisor.stop()


@pytest.fixture
def wanted(claim, image):
    """A shell that is told what to do, in a run of its own."""

    def want(script: str, node: str = "shell", **options) -> Wanted:
        return Wanted(
            image=image,
            node=node,
            run_id=claim.run.id,
            alias=f"{node}-{claim.run.token}",
            command=["sh", "-c", script],
            **options,
        )

    return want
