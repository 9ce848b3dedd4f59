"""What belongs to whom: on every route of the document, somebody else's thing looks exactly like one that never was."""

from uuid import uuid4

import pytest

from scenarios.roadmaps.services import API
from scenarios.security.document import operations

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.verify]


@pytest.mark.row(22)
@pytest.mark.remote(paid=2)
def test_somebody_elses_roadmap_does_not_exist(system):
    """Two users see nothing of each other: a foreign roadmap looks exactly like one that never was."""
    roadmap = system.api.sign_up("ada").create_roadmap("Rust", key="the-same-key")
    whole = roadmap.wait_until_ended()
    bob = system.api.sign_up("bob")

    concept = whole["stages"][0]["modules"][0]["concepts"][0]["id"]
    every = [route for route in operations(system.api) if route.parameters]
    routes = [route for route in every if not route.path.startswith("/api/v1/admin/")]
    for route in every:  # an administrator's routes are closed to others, whatever the parameters are
        if route not in routes:
            bob.expect(403, route.method, route.at(user_id=str(uuid4())))
    assert len(routes) >= 9
    for route in routes:  # a new parameter's name raises KeyError: add a foreign value for it
        foreign = bob.expect(404, route.method, route.at(roadmap_id=roadmap.id, concept_id=concept)).json()
        never = bob.expect(404, route.method, route.at(roadmap_id=str(uuid4()), concept_id=concept)).json()
        assert (foreign["type"], foreign["detail"]) == (never["type"], never["detail"])
    system.faults.note("foreign ids", API, times=len(routes), trace=f"{len(routes)} routes answered 404")
    assert roadmap.read() == whole
    assert bob.expect(200, "GET", "/api/v1/roadmaps").json()["items"] == []
    own = bob.create_roadmap("Rust", key="the-same-key")
    assert own.id != roadmap.id
    own.wait_until_ended()
