"""What belongs to whom."""

from uuid import uuid4

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.verify]
ROUTES = [
    *(("GET", below) for below in ("", "/status", "/logs", "/logs/summary", "/events")),
    ("POST", "/retry"),
    ("POST", "/cancel"),
    ("DELETE", ""),
]


@pytest.mark.remote(paid=2)
def test_somebody_elses_roadmap_does_not_exist(system):
    """Two users see nothing of each other: a foreign roadmap looks exactly like one that never was."""
    roadmap = system.api.sign_up("ada").create_roadmap("Rust", key="the-same-key")
    roadmap.wait_until_ended()
    bob = system.api.sign_up("bob")

    concept = roadmap.read()["stages"][0]["modules"][0]["concepts"][0]["id"]
    for method, below in (*ROUTES, ("GET", f"/concepts/{concept}")):
        foreign = bob.expect(404, method, roadmap.path + below).json()
        never = bob.expect(404, method, f"/api/v1/roadmaps/{uuid4()}{below}").json()
        assert (foreign["type"], foreign["detail"]) == (never["type"], never["detail"])
    assert bob.expect(200, "GET", "/api/v1/roadmaps").json()["items"] == []
    assert roadmap.status()["status"] == "completed"
    own = bob.create_roadmap("Rust", key="the-same-key")
    assert own.id != roadmap.id
    own.wait_until_ended()
    system.check()
