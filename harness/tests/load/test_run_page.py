"""A load run's page has clients, members and queues on one clock."""

import json

from harness.application import Work
from harness.evidence.trace.moments import timeline
from harness.evidence.trace.page import Told, trace_page
from harness.load.record import Sample
from harness.load.run_page import evidence_of

BEGAN = 1_790_000_000.0
WORK = Work(name="order", at="web")
ASKED = [
    {"phase": "steady", "sent": BEGAN + 1, "answered": BEGAN + 1.25, "status": 202, "id": "7"},
    {"phase": "steady", "sent": BEGAN + 2, "answered": BEGAN + 2.5, "status": 503, "id": ""},
    {"phase": "steady", "sent": BEGAN + 3, "answered": BEGAN + 3.5, "status": None, "id": ""},
    {"phase": "steady", "sent": BEGAN + 4, "answered": None, "status": None, "id": ""},
]
SAMPLES = [Sample(at=BEGAN + n, messages={"parcels": n}, connections={"web": 4}) for n in (1, 2)]
LOGS = {
    "web": [
        "a line without a time",
        json.dumps(
            {"level": "info", "message": "taken", "time": "2026-09-21T14:13:21.500+00:00", "order": "7"}
        ),
    ]
}


def made(recorded=()):
    return evidence_of(list(recorded), LOGS, WORK, ASKED, SAMPLES, lambda wall: wall - BEGAN + 100)


def test_everything_is_on_one_clock_and_within_the_run():
    found, _ = timeline(
        made([{"kind": "provider", "at": 101.9, "provider": "bakery", "outcome": "replied"}]), ["order"]
    )
    assert max(moment.until for moment in found) < 5
    texts = {moment.text: round(moment.at, 2) for moment in found}
    assert texts["POST /order 202"] == 0.0
    assert texts["taken"] == 0.5
    assert {moment.lane for moment in found} >= {"client", "web", "provider bakery"}
    assert [moment.text for moment in found if "7" in moment.ids] == ["POST /order 202", "taken"]


def test_a_client_that_was_not_answered_is_no_success_and_one_that_never_ended_is_left_out():
    calls = made().calls
    assert [(call["status"], call["outcome"]) for call in calls] == [
        (202, "answered"),
        (503, "answered"),
        (0, "unknown"),
    ]


def test_the_page_shows_queues_and_connections_and_judges_nothing():
    page = trace_page(made(), {}, Told(scenario="a load run"), ["order"])
    data = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    assert [one["waiting"] for one in data["depth"]] == [{"parcels": 1}, {"parcels": 2}]
    assert data["connections"][0]["by"] == {"web": {"held": 4}}
    assert "not judged" in page
