"""The provider is down: it is left alone, and what was accepted waits for it."""

from itertools import pairwise, takewhile

import pytest

from scenarios.material import curriculum
from scenarios.roadmaps.services import CONTENT

PAUSE = 1.0
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.once,
    pytest.mark.stack(
        env={"OPENAI_CIRCUIT_FAILURES": "3", "OPENAI_CIRCUIT_SECONDS": str(PAUSE), "OPENAI_MAX_ATTEMPTS": "5"}
    ),
]


def test_a_provider_that_is_down_is_not_hammered(system):
    """After failures in a row one call is made at a time, each after a pause; when it is well again, all go on."""
    system.openai.on(step="curriculum").reply(curriculum("a", "b", "c"))
    for step, concept in (("tutorial", "a"), ("resources", "a"), ("quiz", "a"), ("tutorial", "b")):
        system.openai.on(step=step, concept=concept).fail(503, times=3)

    roadmap = system.api.sign_up().create_roadmap("Rust")

    assert roadmap.wait_until_ended()["status"] == "completed"
    content = system.openai.calls()[2:]
    at_once, after = content[:4], content[4:]  # the first four were sent before the process knew
    assert [call.status for call in at_once] == [503] * 4
    alone = [at_once[-1], *takewhile(lambda call: call.status == 503, after)]
    gaps = [later.began - earlier.began for earlier, later in pairwise(alone)]
    assert len(gaps) >= 2
    assert min(gaps) >= PAUSE * 0.9
    lines = [line["message"] for line in system.log_lines(CONTENT)]
    assert any("the provider is down" in line for line in lines)
    assert any("the provider answers again" in line for line in lines)
    assert roadmap.status()["usage"]["calls"] == 2 + 9 + 12
