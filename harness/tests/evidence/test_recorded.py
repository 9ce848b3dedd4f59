"""What a recorder writes down is read as it was meant, evidence of before it needs none of it, and what could not be recorded is unknown."""

import json
from dataclasses import replace

import pytest

from harness.application import Work
from harness.evidence.checks import Judges
from harness.evidence.checks.finding import Outcome
from harness.evidence.evidence_folder import EvidenceFolder, load
from harness.evidence.journal import Journal
from harness.evidence.manifest import RECORDED, Part, State
from harness.evidence.redaction import Redactor
from harness.evidence.redis_watch import RedisWatch
from harness.evidence.statements import folded, statements, without_statements
from harness.evidence.whole import manifest_of
from harness.tests.evidence.history import SOUND
from harness.tests.shop import shop

JUDGES = Judges.of(shop)
LOG = ["2026-01-01 10:00:00.000 UTC [1] LOG:  ready to accept connections", "2026-01-01 10:00:01.500 UTC [7] shop web LOG:  duration: 0.500 ms  plan:", "\tQuery Text: UPDATE orders SET state = $1", "\tWHERE number = $2", "\tQuery Parameters: $1 = 'packed', $2 = '7'", "\tUpdate on orders  (cost=0.15..8.17 rows=0 width=0) (actual rows=0.00 loops=1)", "\t  ->  Index Scan using orders_pkey on orders  (cost=0.15..8.17 rows=1 width=38) (actual rows=1.00 loops=1)", "2026-01-01 10:00:01.600 UTC [8] other web LOG:  duration: 9.000 ms  plan:", "\tQuery Text: SELECT 1", "\tResult  (cost=0.00..0.01 rows=1 width=4) (actual rows=1 loops=1)", "2026-01-01 10:00:01.700 UTC [9] shop harness LOG:  duration: 9.000 ms  plan:", "\tQuery Text: SELECT 1", "\tResult  (cost=0.00..0.01 rows=1 width=4) (actual rows=1 loops=1)", "2026-01-01 10:00:02.000 UTC [7] shop two words LOG:  duration: 0.100 ms  plan:", "\tQuery Text: SELECT state FROM orders", "\tSeq Scan on orders  (cost=0.00..1.01 rows=1 width=4) (actual rows=3 loops=2)", "2026-01-01 10:00:03.000 UTC [7] shop web ERROR:  duplicate key value", "2026-01-01 10:00:03.000 UTC [7] shop web STATEMENT:  INSERT INTO orders", "\tVALUES (1)", ""][:-1]  # fmt: skip


def test_statements_are_read_from_the_servers_log_with_their_rows_and_without_ours():
    changed, read = statements(LOG, "shop")
    assert changed == {
        "wall": 1767261601.5,
        "pid": 7,
        "application": "web",
        "milliseconds": 0.5,
        "rows": 1,
        "statement": "UPDATE orders SET state = $1 WHERE number = $2",
        "parameters": "$1 = 'packed', $2 = '7'",
    }
    assert (read["application"], read["rows"], read["parameters"]) == ("two words", 6, "")
    assert list(statements([], "shop")) == []


def test_the_servers_own_lines_stay_its_log():
    assert list(without_statements(LOG)) == [LOG[0], *LOG[-3:]]
    ours = ['2026-01-01 10:00:00.000 UTC [1] LOG:  parameter "auto_explain.log_analyze" changed to "on"']
    assert list(without_statements(ours)) == []


def test_reads_that_say_the_same_within_a_second_are_one_and_changes_never_are():
    def said(wall, statement, rows=1):
        told = {"wall": wall, "application": "web", "statement": statement, "parameters": "", "rows": rows}
        return {**told, "milliseconds": wall}

    reads = [said(number / 10, "SELECT 1") for number in range(20)]
    found = folded([*reads, said(2.0, "SELECT 1", rows=0), said(2.0, "UPDATE x"), said(2.1, "UPDATE x")])
    assert [one.get("times", 1) for one in found] == [10, 10, 1, 1, 1]
    assert found[0]["milliseconds"] == 0.9


def message(task, tag):
    headers = {"id": task, "task": "shop.pack", "origin": "gen12@web", "argsrepr": "(7,)", "kwargsrepr": "{}"}
    text = json.dumps({"headers": headers, "properties": {"delivery_tag": tag}, "body": "é\n"})
    return text.replace("\\", "\\\\").replace('"', '\\"')


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path / "journal.ndjson")
    yield made
    made.close()


def heard(journal, *lines, works=(), databases=("0",)):
    watch = RedisWatch("redis://nobody", databases, ["parcels"], works, journal)
    for line in lines:
        watch._hear(line.encode())
    return [{name: value for name, value in record.items() if name != "wall"} for record in journal.records()]


def test_what_is_published_is_told_with_its_id_and_by_whom_and_again_if_it_is(journal):
    work = Work(name="order", id="order", at="web", task="shop.pack", argument="args[0]")
    put = f'1.5 [0 127.0.0.1:5] "LPUSH" "parcels" "{message("t1", "d1")}"'
    first, second = heard(journal, put, put, works=[work])
    assert {
        "kind": "published",
        "queue": "parcels",
        "task": "t1",
        "by": "gen12@web",
        "order": "7",
    }.items() <= first.items()
    assert (second["again"], "again" in first) == (2, False)


@pytest.mark.parametrize("told", ["[" * 100_000, "{", "7", "null", "[]"])
def test_a_message_that_is_none_is_told_by_its_length(journal, told):
    """Whoever writes into a queue what no worker can read is seen to have done so, and what comes after him as well."""
    lines = [
        f'1.{number} [0 127.0.0.1:5] "LPUSH" "parcels" "{text}"'
        for number, text in enumerate((told, message("t1", "d1")))
    ]
    first, second = heard(journal, *lines)
    assert (first["kind"], first["bytes"]) == ("published", len(told))
    assert second["task"] == "t1"


def test_who_takes_a_message_and_acknowledges_it_is_told_by_its_tag(journal):
    lines = [
        f'1.5 [0 127.0.0.1:5] "LPUSH" "parcels" "{message("t1", "d1")}"',
        '1.6 [0 127.0.0.1:5] "HSET" "unacked" "d1" "[...]"',
        '1.7 [0 127.0.0.1:5] "HDEL" "unacked" "d1"',
    ]
    found = [(record.get("does"), record.get("task")) for record in heard(journal, *lines)]
    assert found == [(None, "t1"), ("taken", "t1"), ("acknowledged", "t1")]


def test_reads_other_databases_and_what_is_no_command_are_not_told(journal):
    lines = [
        "OK",
        "",
        '1.5 [0 127.0.0.1:5] "GET" "key"',
        '1.5 [7 127.0.0.1:5] "SET" "key" "1"',
        '1.5 [0 127.0.0.1:5] "SADD" "_kombu.binding_permanent.parcels" "x"',
        '1.5 [0 127.0.0.1:5] "LPUSH" "parcels" "no message \\xff \\"at all"',
    ]
    (found,) = heard(journal, *lines)
    assert (found["kind"], found["queue"], "task" in found) == ("published", "parcels", False)


RECORDS = [{"kind": kind, "at": 2.0} for kind in RECORDED]
WITH = replace(SOUND, journal=[*SOUND.journal, *RECORDS], manifest=None)
WITH = replace(WITH, manifest=manifest_of(WITH))


def test_evidence_of_before_the_recorder_is_loaded_and_judged_as_it_was(tmp_path):
    before = {name: part for name, part in SOUND.manifest.items() if name.partition("/")[2] not in RECORDED}
    old = replace(SOUND, manifest=before)
    EvidenceFolder(tmp_path, Redactor({})).save(old)
    assert JUDGES.judge(load(tmp_path))["whole"].outcome is Outcome.HOLDS


@pytest.mark.parametrize("kind", RECORDED)
def test_a_record_that_is_gone_or_could_not_be_made_is_unknown(kind):
    assert JUDGES.judge(WITH)["whole"].outcome is Outcome.HOLDS
    less = replace(WITH, journal=[record for record in WITH.journal if record["kind"] != kind])
    assert JUDGES.judge(less)["whole"].outcome is Outcome.UNKNOWN
    failed = Part(State.FAILED, why="it was down")
    said = replace(less, manifest={**WITH.manifest, f"journal/{kind}": failed})
    finding = JUDGES.judge(said)["whole"]
    assert finding.outcome is Outcome.UNKNOWN
    assert f"journal/{kind} could not be read: it was down" in finding.facts
