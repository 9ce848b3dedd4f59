"""What several of the harness's own tests start: a run's folders, its supervisor, its proxy."""

import pytest

from harness.links import Links
from harness.processes import Supervisor
from harness.run import Run


@pytest.fixture
def run():
    return Run.begin("own-tests")


@pytest.fixture
def supervisor(run):
    with Supervisor.start(run.log("supervisor"), remove=[run.data]) as started:
        yield started
    assert not run.data.exists()


@pytest.fixture
def links(supervisor, run):
    made = Links.start(supervisor, run.data, run.log("proxy"))
    yield made
    made.close()
