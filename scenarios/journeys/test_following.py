"""Following a roadmap while it is written."""

import pytest

from scenarios.material import curriculum

pytestmark = pytest.mark.e2e


def test_a_late_subscriber_misses_nothing(system):
    """Who subscribes after the end gets every event from the first, and the stream ends by itself."""
    roadmap = system.api.sign_up().create_roadmap("Rust")
    roadmap.wait_until_ended()
    system.stack.wait_until_idle()

    with roadmap.events() as events:
        followed = [event.data["id"] for event in events]

    assert sorted(followed) == sorted(event["id"] for event in roadmap.logs())
    assert len(followed) == len(set(followed)) == 28


def test_a_client_that_reconnects_to_another_process_goes_on(system):
    """Who reconnects, to whichever API process, goes on after the last event seen: nothing twice, nothing missed."""
    system.openai.on(step="curriculum").reply(curriculum(*"abcdef"))
    system.openai.latency(0.05)
    roadmap = system.api.sign_up().create_roadmap("Rust")
    seen, last = [], ""

    for _ in range(100):
        with roadmap.events(after=last) as events:
            part = [event for event, _ in zip(events, range(3), strict=False)]
        system.api.forget_connections()
        seen += [event.data["id"] for event in part]
        if not part:
            break
        last = part[-1].id

    system.stack.wait_until_idle()
    assert len(seen) == len(set(seen))
    assert set(seen) == {event["id"] for event in roadmap.logs()}
    assert roadmap.status()["status"] == "completed"


def test_a_watched_roadmap_shows_each_event_before_its_end(system):
    """Who watches sees the first events while the provider is still at work."""
    system.openai.on(step="quiz").hang(1.5)
    roadmap = system.api.sign_up().create_roadmap("Rust")

    with roadmap.events() as events:
        first = next(events)
        assert first.data["step"] == "accepted"
        assert roadmap.status()["status"] in {"queued", "running"}
        steps = [event.data["step"] for event in events]

    assert steps[-1] == "completed"
    assert "tutorial" in steps
