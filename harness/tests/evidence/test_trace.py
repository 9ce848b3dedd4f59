"""What a trace tells of a scenario: moments on one clock, and sentences of what stands out."""

from dataclasses import replace

import pytest

from harness.evidence.evidence import Evidence
from harness.evidence.excuse import Excuse
from harness.evidence.trace.moment import CLIENT, FAULTS, TASKS
from harness.evidence.trace.moments import moments
from harness.evidence.trace.sentences import sentences
from harness.evidence.usual import remember_seconds, usual_seconds
from harness.tests.evidence.history import NUMBER, SOUND, WALL, accepted, call, line, sound_but, worked


def test_everything_is_on_one_clock_whoever_wrote_it_down():
    logs = {"web": [line(1.5, "taken", order="7"), "a line without a time"], "packer": [line(4, "packed")]}
    found = moments(
        sound_but(journal=[accepted(**WALL), worked("task-received", at=2.0)], logs=logs), ["order"]
    )
    assert [(moment.lane, round(moment.at, 2)) for moment in found] == [
        (CLIENT, 0.0),
        ("web", 0.52),
        ("web", 0.52),
        (TASKS, 1.02),
        ("packer", 3.02),
    ]
    assert [moment.lane for moment in found if "7" in moment.ids] == [CLIENT, "web", TASKS]


def test_a_plain_line_is_at_the_time_that_it_names_and_one_that_goes_on_is_one_moment():
    logs = {
        "postgres": [
            "2026-01-01 00:00:02.500 UTC [5] ERROR:  refused",
            "2026-01-01 00:00:02.500 UTC [5] STATEMENT:  SELECT 1",
            "\tFROM orders",
        ],
        "packer": ["[2026-01-01 00:00:03,250: INFO/MainProcess] ready"],
        "web": ["2019-01-01 00:00:00 was the day"],
    }
    journal = [accepted(**WALL), call(at=6.0)]
    found = moments(sound_but(journal=journal, logs=logs), ["order"])
    assert [
        (one.lane, round(one.at, 2), one.text[-12:])
        for one in found
        if one.lane in logs or "packer" in one.lane
    ] == [
        ("web", 0.02, " was the day"),
        ("postgres", 1.52, "OR:  refused"),
        ("postgres", 1.52, "\nFROM orders"),
        ("packer MainProcess", 2.27, "rocess] ready"[-12:]),
    ]


def test_polls_that_say_the_same_are_one_and_an_error_never_is():
    polls = [call("GET", f"/orders/7/{number}", status=200, at=1.0 + number / 10) for number in range(20)]
    errors = [call("GET", "/orders/7", status=500, at=4.0 + number / 10) for number in range(3)]
    found = moments(Evidence(journal=[*polls, *errors]), ["order"])
    assert [moment.times for moment in found] == [20, 1, 1, 1]


def test_a_fault_is_seen_from_its_injection_to_the_end_of_the_recovery():
    (fault,) = (moment for moment in moments(SOUND, ["order"]) if moment.lane == FAULTS)
    assert "Refused of redis: injected, bitten: 3 refused, healed, recovered" in fault.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"logs": {"web": [line(3, "it broke", "error")]}, "journal": [accepted(**WALL)]},
            "web logged an error at 2.0 s, though nothing was hurt then: it broke",
        ),
        (
            {
                "journal": [
                    accepted(**WALL),
                    worked("task-received", task=1),
                    worked("task-received", task=2),
                ],
                "logs": {},
            },
            "a task came 2 times for 7, though nothing was hurt",
        ),
        (
            {"journal": [accepted(**WALL), call(at=9.0)], "states": {"order": {"7": "queued"}}, "logs": {}},
            "order 7 is queued at the end, and no log, task or provider names it",
        ),
        (
            {
                "journal": [accepted(**WALL), worked("task-received", at=1.2), call(at=9.0)],
                "states": {"order": {"7": "running"}},
                "logs": {},
            },
            "order 7 is running at the end, and nothing moved it for the last 7.8 s",
        ),
        (
            {"journal": [accepted(), worked("task-received", at=12.0)]},
            "order 7 waited 11.0 s for its first task",
        ),
        ({"journal": [call(outcome="unknown", status=None)]}, "a client was not answered at"),
        ({"waiting": {"parcels": 3}}, "messages are left: 3 in parcels"),
    ],
)
def test_what_stands_out_is_said(changes, said):
    evidence = sound_but(**changes)
    assert any(said in sentence for sentence in sentences(evidence, moments(evidence, ["order"])))


def test_without_a_journal_the_logs_say_when_it_was():
    logs = {"web": ["a line without a time", line(4, "taken")], "packer": [line(5, "packed")]}
    found = moments(Evidence(logs=logs), ["order"])
    assert [(one.text, round(one.at, 2)) for one in found] == [
        ("a line without a time", 0.0),
        ("taken", 0.0),
        ("packed", 1.0),
    ]


def test_what_the_scenario_expects_comes_last():
    logs = {
        "packer": [line(2, "refused", "error"), line(3, "gone mad", "error"), line(4, "refused", "error")]
    }
    evidence = replace(
        sound_but(journal=[accepted(**WALL)], logs=logs),
        expected_errors=[Excuse("refused", ("packer",), most=2)],
        facts={"environment": {"web": {"SPEED": ["1", "9"]}}},
    )
    told = sentences(evidence, moments(evidence, ["order"]), ["order"])
    assert told[0].startswith("packer logged an error at 2.0 s, though nothing was hurt then: gone mad")
    assert told[-2:] == [
        "packer logged 2 errors that the scenario expects, first at 1.0 s: refused",
        "web: run with SPEED=9 (usually 1)",
    ]


def test_an_error_beyond_its_excuse_is_not_expected():
    logs = {"packer": [line(second, "refused", "error") for second in (2, 3, 4)]}
    evidence = replace(
        sound_but(journal=[accepted(**WALL)], logs=logs),
        expected_errors=[Excuse("refused", ("packer",), most=2)],
    )
    told = sentences(evidence, moments(evidence, ["order"]), ["order"])
    assert "packer logged an error" in told[0]


def test_what_is_told_last_leaves_room_for_what_is_told_first():
    names = [f"packer-{number}" for number in range(30)]
    logs = {name: [line(2, "refused", "error")] for name in names} | {"web": [line(3, "gone mad", "error")]}
    excuse = Excuse("refused", ("packer-*",), most=30)
    evidence = replace(sound_but(journal=[accepted(**WALL)], logs=logs), expected_errors=[excuse])
    told = sentences(evidence, moments(evidence, ["order"]), ["order"])
    assert told[0].startswith("web logged an error")
    assert len(told) <= 16


def test_of_a_sound_scenario_nothing_stands_out():
    assert sentences(SOUND, moments(SOUND, ["order"])) == []


def row(at, columns, application="web", number=NUMBER):
    changed = {name: [None, value] for name, value in columns.items()}
    told = {"table": "orders", "operation": "UPDATE", "row": {"number": number}, "changed": changed}
    return {"kind": "change", "at": at, "application": application, **told}


def put(at=1.1, task="t1", **changes):
    told = {"queue": "parcels", "name": "pack", "by": "gen1@web", "task": task, "order": NUMBER}
    return {"kind": "published", "at": at, **told, **changes}


LONG = "UPDATE orders SET tries = tries + 1, a_column_with_a_long_name = 1, another_one_with_a_long_name = 2 WHERE state = 'new'"
STUCK = {"states": {"order": {NUMBER: "queued"}}, "logs": {}}


@pytest.mark.parametrize(
    ("journal", "said"),
    [
        ([row(1.2, {"state": "queued"})], "7 is open, and no message for it was ever published"),
        (
            [put(), row(1.2, {"state": "queued"}), row(2.0, {"tries": 2}), row(3.0, {"tries": 3})],
            "orders 7 is open: changed 3 times (by web 3), 1 messages published for it; its last change, 6.0 s before the end: tries 3",
        ),
        (
            [put(), row(1.2, {"state": "queued", "send_at": "2026-01-01T00:00:04+00:00"})],
            "send_at of orders 7 came 5.0 s before the end: since then nothing was published for it, and its row did not change",
        ),
        (
            [put(), put(task="t2"), worked("task-received", task="t2", at=1.3)],
            "the message t1 (published pack to parcels by gen1@web) of 0.1 s was taken by no worker",
        ),
        (
            [put(), worked("task-started", at=1.3)],
            "a task was started at 0.3 s and has not ended 7.7 s later",
        ),
        ([put(), row(2.0, {"attempt": 2})], "attempt of orders 7 became 2 at 1.0 s, though nothing was hurt before"),
        (
            [
                put(),
                *(
                    {"kind": "sql", "at": 2.0 + n, "application": "web", "rows": 0, "milliseconds": 1.0, "statement": "UPDATE orders"}
                    for n in range(4)
                ),
            ],
            "web looked 4 times and changed no row: UPDATE orders",
        ),
        (
            [{"kind": "sql", "at": 4.0, "application": "web", "rows": 1, "milliseconds": 2000.0, "statement": LONG}],
            " WHERE state = 'new'",
        ),
        (
            [{"kind": "sql", "at": 4.0, "application": "web", "rows": 1, "milliseconds": 2000.0, "statement": "UPDATE orders"}],
            "web waited 2.0 s at 1.0 s for: UPDATE orders",
        ),
        (
            [{"kind": "connections", "at": 4.0, "by": {"web": {"held": 3, "locked": 2}}}],
            "2 connections of web waited for a lock, in 1 looks of half a second",
        ),
        (
            [{"kind": "depth", "at": 2.0 + n, "waiting": {"parcels": 3}, "taken": {}} for n in range(5)],
            "up to 3 messages waited in parcels, for 4.0 s",
        ),
        ([call("POST", "/orders", status=500, at=2.0)], "POST /orders was answered 500 1 times, first at"),
    ],
)  # fmt: skip
def test_what_was_recorded_says_who_waits_for_whom(journal, said):
    evidence = sound_but(journal=[accepted(**WALL), *journal, call(at=9.0)], **STUCK)
    told = sentences(evidence, moments(evidence, ["order"]))
    assert any(said in sentence for sentence in told), told


def test_what_members_warn_of_stands_out_the_rarest_first():
    often = [line(2 + n / 10, f"slow: {n}", level="warning") for n in range(5)]
    logs = {
        "web": [*often, line(4, "the disk is nearly full", level="warning")],
        "packer": [line(5, "broke", level="error"), line(6, "as usual")],
    }
    evidence = sound_but(journal=[accepted(**WALL), call(at=9.0)], logs=logs)
    told = [said for said in sentences(evidence, moments(evidence, ["order"])) if " warned " in said]
    assert told == [
        "web warned at 3.0 s: the disk is nearly full",
        "web warned at 1.0 s, 5 times: slow: 0",
    ]


def test_what_belongs_to_a_work_has_its_id_though_it_says_another():
    journal = [
        accepted(**WALL),
        put(),
        {"kind": "redis", "at": 1.2, "command": "HSET", "key": "unacked", "task": "t1"},
    ]
    logs = {
        "web": [line(2, "sent again", request_id="r9", order=NUMBER)],
        "packer": [line(3, "took it", request_id="r9")],
    }
    found = moments(sound_but(journal=journal, logs=logs), ["order"])
    assert [moment.lane for moment in found if NUMBER in moment.ids] == [
        CLIENT,
        "Redis",
        "Redis",
        "web",
        "packer",
    ]


def test_each_process_of_a_node_has_a_lane_and_the_scenarios_lines_are_phases():
    logs = {"packer": [line(2, "one", pid=5, process="Fork-1"), line(3, "two", pid=6, process="Fork-2")]}
    evidence = sound_but(journal=[accepted(**WALL, line=12), call(at=4.0, line=13)], logs=logs)
    told = {"scenario": {"12": "    order()", "13": "    wait()"}, "failed_line": 13}
    found = moments(replace(evidence, facts=told), ["order"])
    assert {moment.lane for moment in found} >= {"packer Fork-1 5", "packer Fork-2 6"}
    phases = [moment.text for moment in found if moment.lane == "scenario"]
    assert phases == ["12: order()", "13: wait()", "13: wait() — failed here"]


def test_a_wait_is_held_against_what_is_usual_in_scenarios_that_passed(tmp_path):
    path = tmp_path / "usual.json"
    journal = [accepted(**WALL), worked("task-received", at=3.0)]
    evidence = sound_but(journal=journal, logs={}, states={})
    found = moments(evidence, ["order"])
    assert usual_seconds(path) == {}
    assert not any("waited" in sentence for sentence in sentences(evidence, found, ["order"]))
    for _ in range(5):
        remember_seconds({("order", "1"): 0.1}, path)
    remember_seconds({}, path)
    usual = replace(evidence, facts={"usual_wait": usual_seconds(path)})
    told = sentences(usual, found, ["order"])
    assert "order 7 waited 2.0 s for its first task, usually 0.1 s" in told
    path.write_text("[")
    assert usual_seconds(path) == {}
