"""What belongs to whom."""

from uuid import uuid4

import pytest

pytestmark = pytest.mark.e2e


def test_somebody_elses_roadmap_does_not_exist(system):
    """Two users see nothing of each other: a foreign roadmap looks exactly like one that never was."""
    roadmap = system.api.sign_up("ada").create_roadmap("Rust", key="the-same-key")
    roadmap.wait_until_ended()
    bob = system.api.sign_up("bob")

    for below in ("", "/status", "/logs"):
        foreign = bob.expect(404, "GET", roadmap.path + below).json()
        never = bob.expect(404, "GET", f"/api/v1/roadmaps/{uuid4()}{below}").json()
        assert (foreign["type"], foreign["detail"]) == (never["type"], never["detail"])
    own = bob.create_roadmap("Rust", key="the-same-key")
    assert own.id != roadmap.id
    own.wait_until_ended()
    system.check()
