"""What several of the harness's own tests start: a run's folders, its supervisor, a process of it, its proxy, and the shop."""

import sys
import textwrap

import pytest

from harness.application import using
from harness.base.run import Run
from harness.nodes.links import Links
from harness.nodes.process import Process
from harness.nodes.supervisor_client import SupervisorClient
from harness.tests.shop import shop
from harness.tests.shop.project_folder import ProjectFolder


@pytest.fixture(scope="package", autouse=True)
def _of_the_shop():
    """The harness's own tests are about no product: what they start is the shop's."""
    with using(shop):
        yield


@pytest.fixture(scope="module")
def shop_folder(tmp_path_factory):
    """The shop as a project of its own, in which commands are typed."""
    made = ProjectFolder.copy(tmp_path_factory.mktemp("shop"))
    yield made
    made.harness("down")


@pytest.fixture
def run():
    return Run.begin("own-tests")


@pytest.fixture
def supervisor(run):
    with SupervisorClient.start(run.log("supervisor"), remove=[run.data]) as started:
        yield started
    assert not run.data.exists()


@pytest.fixture
def spawn(supervisor, tmp_path):
    def start(program: str, **options) -> Process:
        argv = [sys.executable, "-S", "-c", textwrap.dedent(program)]
        return supervisor.spawn("node", argv, log=tmp_path / "node.log", **options)

    return start


@pytest.fixture
def links(supervisor, run):
    made = Links.start(supervisor, run.data, run.log("proxy"))
    yield made
    made.close()
