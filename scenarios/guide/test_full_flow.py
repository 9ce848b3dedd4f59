"""One roadmap in the log of each service, as the guide tells an operator to look."""

import pytest

from scenarios.roadmaps.services import API, CONTENT, LOGS

pytestmark = pytest.mark.e2e


def test_one_roadmap_is_seen_in_the_logs_of_all_three_services(system):
    """A roadmap is created: the API takes the request, the content worker writes it, the logs worker stores its log."""
    roadmap = system.api.sign_up().create_roadmap("Rust")
    assert roadmap.wait_until_ended()["status"] == "completed"
    system.check()

    def said(service):
        return " | ".join(line["message"] for line in system.log_lines(service))

    assert "POST '/api/v1/roadmaps' 202" in said(API)
    assert [line for line in system.log_lines(CONTENT) if line.get("roadmap_id") == roadmap.id]
    assert "stored" in said(LOGS)
