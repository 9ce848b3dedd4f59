"""An API process that gets no processor for a while is not taken for dead."""

import psutil
import pytest

from harness import always, eventually
from scenarios.roadmaps.services import API

UVICORNS_OWN_PATIENCE_SECONDS = 5
pytestmark = [pytest.mark.e2e, pytest.mark.needs("pids")]


def servers(system) -> list[psutil.Process]:
    """The API's server processes; uvicorn's parent has one more child, which tracks resources."""
    children = psutil.Process(system.node(API).pid).children()
    return [child for child in children if child.num_threads() > 1]


@pytest.mark.stack(start=(API,))
def test_a_process_that_is_starved_for_longer_than_uvicorn_waits_is_not_ended(system):
    """On a machine so busy that a process answers uvicorn's parent late, it is left alone: else none would ever have started."""
    eventually(lambda: len(servers(system)) == 2, timeout=10, what="both processes")
    starved, *_ = before = servers(system)
    starved.suspend()
    always(starved.is_running, during=UVICORNS_OWN_PATIENCE_SECONDS + 2, what="patience")
    starved.resume()
    assert servers(system) == before
