from scenarios.roadmaps.request_ledger import Entry, Ledger
from scenarios.roadmaps.tests.history import JOURNAL, R, accepted, called, claimed, request, sound_but

TASK = {"kind": "task", "type": "task-received", "task": "t1", "node": "content@host", "at": 1.5}


def test_the_life_of_a_request_is_one_line():
    evidence = sound_but(
        journal=[*JOURNAL, TASK | {"roadmap_id": R}, TASK | {"type": "task-started", "roadmap_id": R}, TASK],
        requests=[request(attempt=2, fence=2, dispatches=1)],
        logs={"content": [claimed(1)], "content-2": [claimed(2, attempt=2)]},
    )
    assert Ledger.of(evidence).entries == {
        R: Entry(
            id=R,
            accepted=[1.0, 1.0],
            published=1,
            delivered=[1.5],
            claimed=[("content", 1, 1), ("content-2", 2, 2)],
            attempts=2,
            fence=2,
            provider_calls=2,
            state="completed",
            status="completed",
            roadmaps=1,
        )
    }
    assert Ledger.of(evidence).sums() == {
        "accepted": 1,
        "attempts_beyond_the_first": 1,
        "more_than_one_attempt": 1,
        "provider_calls": 2,
    }


def test_what_was_promised_and_is_gone_keeps_its_line():
    (entry,) = Ledger.of(sound_but(journal=[accepted()], requests=[], roadmaps=[], logs={})).entries.values()
    assert (entry.accepted, entry.status, entry.roadmaps) == ([1.0], None, 0)


def test_what_has_not_ended_has_no_status():
    (entry,) = Ledger.of(sound_but(requests=[request("running")])).entries.values()
    assert entry.status is None


def test_a_call_of_a_stranger_is_nobodys():
    ledger = Ledger.of(sound_but(journal=[accepted(), called(request="somebody")]))
    assert ledger.sums()["provider_calls"] == 0
