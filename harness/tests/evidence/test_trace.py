"""One file explains a scenario: it needs nothing else, says what stands out, and is there also where much is missing."""

import json
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from harness.base.wait import eventually
from harness.cli import app
from harness.evidence.checks import Judges
from harness.evidence.evidence import Evidence
from harness.evidence.evidence_folder import EvidenceFolder
from harness.evidence.excuse import Excuse
from harness.evidence.redaction import Redactor
from harness.evidence.trace.moment import CLIENT, FAULTS, TASKS
from harness.evidence.trace.moments import moments
from harness.evidence.trace.page import MOST_BYTES, Told, trace_page
from harness.evidence.trace.sentences import sentences
from harness.evidence.trace.trace_file import write_trace
from harness.evidence.usual import remember_seconds, usual_seconds
from harness.tests.evidence.history import CALLS, NUMBER, SOUND, accepted, call, sound_but, worked
from harness.tests.shop import shop

JUDGES = Judges.of(shop)
WALL = {"wall": "2026-01-01T00:00:01+00:00"}


def line(second, message, level="info", **fields):
    told = {"level": level, "message": message, "time": f"2026-01-01T00:00:{second:06.3f}+00:00", **fields}
    return json.dumps(told)


def page_of(evidence, **told):
    return trace_page(evidence, JUDGES.judge(evidence), Told(scenario="t.py::one", **told), ["order"])


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


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


def test_what_nobody_has_judged_does_not_hold():
    page = trace_page(SOUND, {}, Told(scenario="a load run"))
    assert '<b class="word">not judged</b>' in page
    assert "<h2>Checks</h2>" not in page


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


def test_the_page_says_that_no_check_is_violated_where_the_assertion_failed():
    assert "No check is violated" in page_of(SOUND, failure="E       assert 0 == 1")
    assert "No check is violated" not in page_of(SOUND)


def test_nodes_whose_environment_differs_alike_are_told_once():
    changed = {"SPEED": ["1", "9"], "COLOUR": [None, "red"]}
    page = page_of(replace(SOUND, facts={"environment": {"web": changed, "packer": changed}}))
    assert page.count("<code>SPEED</code>") == 1
    assert "<th>web, packer</th>" in page
    assert "<td>not set</td><td>red</td>" in page


def test_a_terminal_shows_it_as_text(kept):
    ended = CliRunner().invoke(app, ["trace", str(kept), "--format", "text"])
    assert ended.exit_code == 0, ended.output
    assert re.search(r"^ +0\.480  client +2 times: POST /orders 201", ended.output, re.MULTILINE), (
        ended.output
    )
    assert not list(kept.glob("trace.*"))
    late = CliRunner().invoke(app, ["trace", str(kept), "--format", "text", "--last", "1"]).output
    assert "in seconds (without 5 earlier moments)" in late
    assert "POST /orders" not in late
    assert CliRunner().invoke(app, ["trace", str(kept), "--last", "1"]).exit_code == 2
    assert CliRunner().invoke(app, ["trace", str(kept), "--format", "text", "--open"]).exit_code == 2


def test_of_a_sound_scenario_nothing_stands_out():
    assert sentences(SOUND, moments(SOUND, ["order"])) == []


def test_the_page_says_what_failed_first_and_needs_no_network():
    page = page_of(
        sound_but(states={"order": {"7": "new"}}),
        promise="An order is packed",
        failure="def test():\n>       assert packed == 1\nE       assert 0 == 1\n\nt.py:7: AssertionError",
        about={"tier": "corner"},
    )
    assert re.search(r'<header class="failed"><h1>An order is packed</h1>', page)
    assert "assert 0 == 1\nt.py:7: AssertionError</pre>" in page
    assert page.index("nothing_lost") < page.index("that hold")
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)
    assert not re.search(r"<(link|img|iframe)\b", page)


def test_what_was_logged_can_do_nothing_to_the_page():
    nasty = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(2)>"
    page = page_of(sound_but(logs={"web": [nasty]}), promise=nasty, failure=nasty)
    assert page.count("<script>alert") == page.count("<img src=x") == 0
    assert any("alert(1)" in moment["text"] for moment in data_of(page)["moments"])
    assert len(re.findall(r"<script", page)) == 4


def test_a_page_that_would_be_too_large_loses_its_middle_and_says_so():
    lines = [
        line(1 + number / 1000, f"line {chr(65 + number % 26)} {number} {'x' * 300}")
        for number in range(9000)
    ]
    lines[4500] = line(5.5, "this is the one", "error")
    page = page_of(sound_but(logs={"web": lines}, journal=[*CALLS[:1], accepted(**WALL)]))
    assert len(page.encode()) <= MOST_BYTES
    assert re.search(r"\d+ of \d+ moments in the middle are left out", page)
    texts = [moment["text"] for moment in data_of(page)["moments"]]
    assert "this is the one" in texts
    assert any(" 8999 " in text for text in texts)


@pytest.fixture
def kept(tmp_path):
    folder = tmp_path / "one"
    EvidenceFolder(folder, Redactor(SOUND.secrets)).save(SOUND)
    return folder


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("journal.ndjson", None),
        ("journal.ndjson", '{"kind": "call"}\n[]\nnonsense'),
        ("evidence.json", "{"),
        ("states.json", "[" * 100_000),
        ("missing.txt", "database: it was gone"),
    ],
)
def test_what_is_there_is_shown_though_something_is_missing(kept, file, content):
    if content is None:
        (kept / file).unlink()
    else:
        (kept / file).write_text(content)
    page = write_trace(kept, JUDGES, ["order"]).read_text(encoding="utf-8")
    assert '<header class="unknown">' in page
    assert len(re.findall(r"<script", page)) == 4


def test_the_command_writes_it_beside_the_evidence(kept):
    ended = CliRunner().invoke(app, ["trace", str(kept)])
    assert (ended.exit_code, ended.stdout) == (0, f"{kept / 'trace.html'}\n"), ended.output
    assert CliRunner().invoke(app, ["trace", str(kept / "logs")]).exit_code == 2
    assert CliRunner().invoke(app, ["trace", str(kept), "another"]).exit_code == 2
    assert CliRunner().invoke(app, ["trace", "nobody"]).exit_code == 2


@pytest.mark.e2e
def test_a_person_sees_the_moment_that_the_address_names_and_steps_through(browser, tmp_path):
    logs = {"web": [line(1.5, "taken", order="7")], "packer": [line(4, "broken", "error", order="7")]}
    path = tmp_path / "trace.html"
    path.write_text(page_of(sound_but(journal=[accepted(**WALL)], logs=logs)), encoding="utf-8")
    browser.open(f"{path.as_uri()}#t=0.520")
    eventually(lambda: "taken" in browser.texts("#chosen")[0], timeout=20, what="the moment of the address")
    assert len(browser.texts("#timeline .vis-label")) == 3
    assert len(browser.texts("#timeline .vis-item.tied")) >= 2
    browser.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}))")
    assert "broken" in browser.texts("#chosen")[0]
    assert browser.evaluate("location.hash") == "#t=3.020"
    browser.evaluate("document.getElementById('bad').click()")
    assert browser.evaluate("document.querySelectorAll('#table tbody tr').length") == 1


@pytest.mark.e2e
def test_on_paper_stands_what_folded_parts_hold_and_what_members_did(browser, tmp_path):
    logs = {"web": [line(1.5, "taken", order="7")]}
    path = tmp_path / "trace.html"
    path.write_text(page_of(sound_but(journal=[accepted(**WALL)], logs=logs)), encoding="utf-8")
    browser.open(path.as_uri())
    shown = "[...document.querySelectorAll('details:not(.bulk)')].map((one) => one.open)"
    before = browser.evaluate(shown)
    assert not any(before)
    browser.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert all(browser.evaluate(shown))
    assert browser.evaluate("document.querySelector('#table tbody tr').dataset.lane") == "client"
    browser.evaluate("dispatchEvent(new Event('afterprint'))")
    assert browser.evaluate(shown) == before


def test_a_secret_that_was_redacted_is_in_no_page(kept):
    leaked = replace(SOUND, logs={"web": ["hunter2"]})
    EvidenceFolder(kept, Redactor(SOUND.secrets)).save(leaked)
    assert "hunter2" not in write_trace(kept, JUDGES).read_text(encoding="utf-8")


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


def test_the_scenarios_own_line_is_shown_where_a_library_failed():
    failure = (
        "scenarios/test_orders.py:58: in ask\n    orders.get()\n"
        "site-packages/httpx/_client.py:9: in get\n    raise\nE   ReadTimeout: timed out\n\n"
        "site-packages/httpx/_client.py:9: ReadTimeout"
    )
    told = Told(scenario="scenarios/test_orders.py::test_one", failure=failure)
    page = trace_page(sound_but(journal=[accepted(**WALL)]), {}, told)
    shown = page.partition("<pre class='failure'>")[2].partition("</pre>")[0]
    assert shown.splitlines() == [
        "   ReadTimeout: timed out",
        "site-packages/httpx/_client.py:9: ReadTimeout",
        "scenarios/test_orders.py:58: in ask",
        "    orders.get()",
    ]


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


def test_the_page_says_how_the_environment_and_the_code_differ():
    told = {"environment": {"web": {"SPEED": ["1", "9"]}}, "code": {"commit": "abc", "difference": "+ a <b>"}}
    page = page_of(replace(SOUND, facts=told))
    assert "<code>SPEED</code></td><td>1</td><td>9</td>" in page
    assert "+ a &lt;b&gt;" in page
    assert "web: run with SPEED=9 (usually 1)" in page


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


def test_of_several_errors_the_last_one_is_shown():
    failure = "E   first\n\nThe above exception was the direct cause of the following exception:\n\nE   second\n\nt.py:7: Error"
    assert "second\nt.py:7: Error</pre>" in page_of(SOUND, failure=failure)
    assert "first\nsecond" not in page_of(SOUND, failure=failure)
