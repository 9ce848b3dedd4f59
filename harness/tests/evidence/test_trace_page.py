"""The page that explains a scenario: one file, also on paper, in a terminal, and where much is missing."""

import json
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from harness.base.wait import eventually
from harness.cli import app
from harness.evidence.checks import Judges
from harness.evidence.evidence_folder import EvidenceFolder
from harness.evidence.redaction import Redactor
from harness.evidence.trace.page import MOST_BYTES, Told, trace_page
from harness.evidence.trace.trace_file import write_trace
from harness.tests.evidence.history import CALLS, SOUND, WALL, accepted, line, sound_but
from harness.tests.shop import shop

JUDGES = Judges.of(shop)


def page_of(evidence, **told):
    return trace_page(evidence, JUDGES.judge(evidence), Told(scenario="t.py::one", **told), ["order"])


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def test_what_nobody_has_judged_does_not_hold():
    page = trace_page(SOUND, {}, Told(scenario="a load run"))
    assert '<b class="word">not judged</b>' in page
    assert "<h2>Checks</h2>" not in page


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


def test_the_page_says_how_the_environment_and_the_code_differ():
    told = {"environment": {"web": {"SPEED": ["1", "9"]}}, "code": {"commit": "abc", "difference": "+ a <b>"}}
    page = page_of(replace(SOUND, facts=told))
    assert "<code>SPEED</code></td><td>1</td><td>9</td>" in page
    assert "+ a &lt;b&gt;" in page
    assert "web: run with SPEED=9 (usually 1)" in page


def test_of_several_errors_the_last_one_is_shown():
    failure = "E   first\n\nThe above exception was the direct cause of the following exception:\n\nE   second\n\nt.py:7: Error"
    assert "second\nt.py:7: Error</pre>" in page_of(SOUND, failure=failure)
    assert "first\nsecond" not in page_of(SOUND, failure=failure)
