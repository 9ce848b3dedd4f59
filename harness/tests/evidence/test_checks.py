"""Every check is fed a broken history and must go red for it, and green for the sound one it was broken from."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatch

import pytest

from harness.base.exits import Exit
from harness.evidence.checks import Judges, Outcome
from harness.evidence.checks.finding import exit_of
from harness.evidence.checks.latency import nearest_rank
from harness.evidence.evidence import Evidence
from harness.evidence.excuse import Excuse, UnboundedError
from harness.evidence.manifest import Part, State
from harness.tests.evidence.history import (
    CALLS,
    FAULT,
    LIVES,
    LOGS,
    NUMBER,
    PARCEL,
    SAMPLES,
    SOUND,
    accepted,
    call,
    fault,
    sampled,
    sound_but,
)
from harness.tests.shop import shop

JUDGES = Judges.of(shop)
CHECKS = {check.__name__: check for check in JUDGES}
ERROR = '{"level": "error", "message": "the pool is on fire"}'


@pytest.mark.parametrize("name", CHECKS)
def test_a_sound_history_holds(name):
    assert CHECKS[name](SOUND).outcome is Outcome.HOLDS


@pytest.mark.parametrize("name", CHECKS)
def test_nothing_seen_is_unknown(name):
    assert CHECKS[name](Evidence()).outcome is Outcome.UNKNOWN


def test_what_was_accepted_and_never_asked_after_is_unknown():
    finding = CHECKS["nothing_lost"](sound_but(states={}, manifest=None))
    assert (finding.outcome, finding.facts) == (Outcome.UNKNOWN, ("what became of 1 orders is missing",))


OK = '{"level": "info", "message": "all is well"}'
FIRE = Excuse("pool is on fire", ("web",), 1)
WHILE_HURT = replace(FIRE, where_hurt=True)
HURT = [
    fault("injected", at=3.0, target="web"),
    fault("bitten", trace="x", target="web"),
    fault("healed", at=5.0, target="web"),
]
DATED = [record | {"wall": datetime.fromtimestamp(1000 + record["at"], UTC).isoformat()} for record in FAULT]


def told(second):
    """The error, with its time."""
    at = datetime.fromtimestamp(second, UTC).isoformat()
    return json.dumps({"level": "error", "message": "the pool is on fire", "time": at})


BROKEN = [
    ("nothing_lost", {"states": {"order": {NUMBER: None}}}, f"order {NUMBER} was accepted and is lost"),
    ("nothing_lost", {"states": {"order": {}}}, f"order {NUMBER} was accepted and is lost"),
    ("nothing_lost", {"states": {"order": {NUMBER: "new"}}}, f"order {NUMBER} is still new"),
    ("nothing_doubled", {"parcels": [PARCEL, PARCEL]}, f"order {NUMBER} has two parcels"),
    ("latency", {"journal": [*CALLS, accepted(milliseconds=6001.0)]}, "POST /orders: p99 of 3 is 6001"),
    (
        "latency",
        {"journal": [*CALLS, accepted(outcome="unknown", milliseconds=15000.0)]},
        "is 15000 ms, 6000 are allowed",
    ),
    ("no_secret", {"logs": {"web": ["ok", "key=hunter2"]}}, "SHOP_SEAL is in line 2 of the log of web"),
    ("no_secret", {"startup": {"web": ["key=hunter2"]}}, "SHOP_SEAL is in line 1 of the startup of web"),
    ("no_secret", {"orders": [{"what": "hunter2"}]}, "SHOP_SEAL is in a row of orders"),
    ("no_secret", {"orders": [{"what": "\ud800 hunter2"}]}, "SHOP_SEAL is in a row of orders"),
    ("no_secret", {"orders": [{"what": [10**30, "hunter2"]}]}, "SHOP_SEAL is in a row of orders"),
    ("no_secret", {"orders": [{"what": {"deep": ['"hunter2"']}}]}, "SHOP_SEAL is in a row of orders"),
    ("no_secret", {"logs": {"web": ["Bearer eyJhbGci.eyJzdWIi.c2ln"]}}, "a token is in line 1 of the log"),
    (
        "no_secret",
        {"logs": {"web": ["Bearer <token>"]}, "manifest": None},
        "a token is in line 1",
    ),  # as it was saved
    ("no_secret", {"orders": [{"what": "eyJhbGci.eyJzdWIi.c2ln"}]}, "a token is in a row of orders"),
    (
        "no_secret",
        {"secrets": {"BASIC": "ops:hunter2hunter2"}, "logs": {"web": ["hunter2hunter2"]}},
        "BASIC is in line 1",
    ),
    ("no_secret", {"secrets": {"S": "a/b c"}, "logs": {"web": ["x=a%2Fb%20c"]}}, "S is in line 1"),
    ("no_secret", {"secrets": {"S": 'a"b'}, "logs": {"web": ['{"x": "a\\"b"}']}}, "S is in line 1"),
    (
        "no_secret",
        {"secrets": {"database password": "postgresql://u:pass1@h/d"}, "logs": {"web": ["pass1"]}},
        "is in line 1",
    ),
    ("no_unexpected_error", {"logs": LOGS | {"web": [ERROR]}}, "web: " + ERROR),
    ("no_unexpected_error", {"logs": {"web": ["Traceback (most recent call last):"]}}, "web: Traceback"),
    ("no_unexpected_error", {"logs": LOGS | {"web": [ERROR[:-10]]}}, "web: " + ERROR[:-10]),
    ("no_unexpected_error", {"logs": LOGS | {"web": [OK + OK]}}, "web: " + OK),
    (
        "no_unexpected_error",
        {"logs": LOGS | {"web": ["Fatal Python error: Segmentation fault"]}},
        "web: Fatal",
    ),
    (
        "no_unexpected_error",
        {"logs": LOGS | {"postgres": ["2026-01-01 [7] PANIC:  could not write"]}},
        "postgres: ",
    ),
    # What excuses an error names who, when and how often, and is used.
    (
        "no_unexpected_error",
        {"logs": LOGS | {"web": [ERROR] * 2}, "expected_errors": [FIRE]},
        "web: " + ERROR,
    ),
    (
        "no_unexpected_error",
        {"logs": LOGS | {"packer": [ERROR]}, "expected_errors": [FIRE]},
        "packer: " + ERROR,
    ),
    ("no_unexpected_error", {"expected_errors": [FIRE]}, "of web was expected, and nobody has logged it"),
    (
        "no_unexpected_error",
        {"logs": LOGS | {"web": [told(99)]}, "expected_errors": [replace(FIRE, since=110.0)]},
        "web: ",
    ),
    (
        "no_unexpected_error",
        {"journal": DATED, "logs": {"web": [told(99)]}, "expected_errors": [WHILE_HURT]},
        "web: ",
    ),
    (
        "no_unexpected_error",
        {"journal": CALLS, "expected_errors": [WHILE_HURT]},
        "was expected, and nothing was hurt",
    ),
    ("alive", {"journal": [*CALLS, LIVES[0] | {"alive": False}]}, "web is down"),
    ("alive", {"journal": [*CALLS, LIVES[0] | {"left_down": True}]}, "web was to be left down, and lives"),
    (
        "faults_bitten",
        {"journal": [*FAULT, fault("injected", number=2, name="Slow")]},
        "Slow of redis (2) never bit",
    ),
    ("faults_bitten", {"journal": [*FAULT, fault("injected", name="Slow")]}, "have one number, 1"),
    ("faults_bitten", {"journal": [record | {"number": 2} for record in FAULT]}, "no record of fault 1"),
    ("faults_bitten", {"journal": [*FAULT, FAULT[1]]}, "bitten 2 times"),
    (
        "faults_bitten",
        {"journal": [fault("injected", timed=True), *FAULT[1:3]]},
        "its recovery was not timed",
    ),
    # Of a role that is hurt only the calls of that time are excused.
    (
        "latency",
        {"journal": [*CALLS, accepted(outcome="unknown", at=200.0, milliseconds=15000.0), *HURT]},
        "is 15000 ms",
    ),
    ("faults_bitten", {"journal": [fault("injected"), fault("healed")]}, "Refused of redis (1) never bit"),
    (
        "faults_bitten",
        {"journal": [*FAULT[:3], fault("not recovered", seconds=15.1, budget=15.0)]},
        "not recovered within 15.0 s",
    ),
    ("faults_bitten", {"journal": FAULT[:2]}, "Refused of redis (1) was not healed"),
    (
        "faults_bitten",
        {"journal": [*FAULT[:3], fault("recovered", seconds=16, budget=15.0)]},
        "took 16 s of 15.0",
    ),
    (
        "faults_bitten",
        {"journal": [*FAULT[:3], fault("recovered", seconds=1, budget=15.0)]},
        "nobody asked its probe of recovery while it still hurt",
    ),
    (
        "faults_bitten",
        {"journal": [*FAULT[:3], fault("recovered", seconds=1, budget=15.0, was_well=True)]},
        "was true while it still hurt",
    ),
    ("connections", {"journal": [sampled(), sampled(connections={"web": 22})]}, "web holds 22 connections"),
    ("connections", {"journal": [sampled(), sampled(connections={"other": 1})]}, "other holds 1 connections"),
    (
        "connections",
        {"journal": [sampled(), sampled(redis=50)]},
        "Redis has 50 clients, it had 9, 49 are allowed",
    ),
    ("descriptors", {"journal": [sampled(), sampled(descriptors={"web": 101})]}, "web holds 101 descriptors"),
    (
        "memory",
        {"journal": [sampled(memory={"web": 513 << 20}), sampled()]},
        "web uses 513 MB, 512 are allowed",
    ),
]


@pytest.mark.parametrize(("name", "change", "fact"), BROKEN)
def test_a_broken_history_is_seen(name, change, fact):
    finding = CHECKS[name](sound_but(**change))
    assert finding.outcome is Outcome.VIOLATED
    assert fact in " ".join(finding.facts)
    assert "hunter2" not in " ".join(finding.facts)


def test_every_check_has_a_broken_history():
    # The check "whole" is never violated.
    assert {name for name, _, _ in BROKEN} == set(CHECKS) - {"whole"}


LEFT_ALONE = [
    # A role that was frozen itself cannot answer.
    (
        "latency",
        {
            "journal": [
                *CALLS,
                accepted(outcome="unknown", milliseconds=15000.0, at=16.0),
                fault("injected", target="web"),
            ]
        },
    ),
    ("latency", {"journal": [*CALLS, call("GET", "/nobody/has/a/budget", milliseconds=60_000.0)]}),
    ("no_unexpected_error", {"logs": LOGS | {"web": [ERROR]}, "expected_errors": [FIRE]}),
    (
        "no_unexpected_error",
        {"logs": LOGS | {"web": [ERROR]}, "expected_errors": [Excuse("pool is on fire")]},
    ),  # of before
    ("no_unexpected_error", {"logs": LOGS | {"web": [ERROR]}, "expected_errors": [WHILE_HURT]}),
    (
        "no_unexpected_error",
        {"journal": DATED, "logs": {"web": [told(1004)]}, "expected_errors": [WHILE_HURT]},
    ),
    ("no_unexpected_error", {"expected_errors": [WHILE_HURT]}),
    # A text that looks like what stands for a secret is none, where nothing was taken out.
    ("no_secret", {"logs": LOGS | {"web": ["Authorization: Bearer <token>, <SHOP_SEAL>"]}}),
    ("alive", {"journal": [*CALLS, LIVES[0] | {"alive": False, "left_down": True}]}),
]


@pytest.mark.parametrize(("name", "change"), LEFT_ALONE)
def test_what_is_nobodys_fault_is_left_alone(name, change):
    assert CHECKS[name](sound_but(**change)).outcome is Outcome.HOLDS


def test_every_check_is_asked_of_every_scenario():
    assert set(JUDGES.judge(SOUND)) == set(JUDGES.judge(sound_but(journal=CALLS))) == set(CHECKS)


def test_what_was_not_hurt_is_proved_to_have_nothing_to_judge():
    assert CHECKS["faults_bitten"](sound_but(journal=CALLS)).outcome is Outcome.NOTHING
    assert CHECKS["faults_bitten"](sound_but(journal=CALLS, manifest=None)).outcome is Outcome.UNKNOWN


UNKNOWN = [
    ("connections", {"journal": [*CALLS, SAMPLES[0]]}, "1 samples were taken, 2 are needed"),
    ("memory", {"journal": CALLS}, "0 samples were taken"),
    (
        "memory",
        {"journal": [*CALLS, sampled(at=2.0), SAMPLES[1]]},
        "3 of 3 calls were made before the first sample",
    ),
    (
        "descriptors",
        {"journal": [*CALLS, SAMPLES[0], sampled(at=0.9)]},
        "3 of 3 calls were made after the last sample",
    ),
    (
        "descriptors",
        {"journal": [*CALLS, SAMPLES[0], sampled(at=9.0, descriptors={})]},
        "web: not in the last sample",
    ),
    (
        "connections",
        {"journal": [*CALLS, *SAMPLES, {"kind": "sample", "at": 3.0, "failed": "OSError: x"}]},
        "1 of 3 samples",
    ),
    ("whole", {"manifest": None}, "without a manifest"),
    ("whole", {"startup": {"web": []}}, "startup/web is empty"),
]


@pytest.mark.parametrize(("name", "change", "fact"), UNKNOWN)
def test_too_little_that_was_seen_is_unknown(name, change, fact):
    finding = CHECKS[name](sound_but(**change))
    assert finding.outcome is Outcome.UNKNOWN
    assert fact in " ".join(finding.facts)


PARTS = sorted(SOUND.manifest)


@pytest.mark.parametrize("part", PARTS)
def test_whoever_needs_what_could_not_be_read_says_so_and_names_it(part):
    failed = SOUND.manifest | {part: Part(State.FAILED, why="OSError: gone")}
    found = JUDGES.judge(replace(SOUND, manifest=failed))
    assert f"{part} could not be read: OSError: gone" in found["whole"].facts
    needing = {check.__name__ for check in JUDGES if any(fnmatch(part, need) for need in check.needs)}
    assert {name for name, finding in found.items() if finding.outcome is Outcome.UNKNOWN} == needing | {
        "whole"
    }


@pytest.mark.parametrize("part", ["logs/packer", "startup/web", "journal/sql", "journal/change"])
def test_what_the_manifest_leaves_out_and_other_parts_tell_of_is_unknown(part):
    room, _, name = part.partition("/")
    changed = {
        "logs": {"logs": {node: lines for node, lines in LOGS.items() if node != name}},
        "startup": {"startup": {}},
        "journal": {},
    }[room]
    sampled_web = [record | {"descriptors": {"web": 60}} for record in SAMPLES]
    journal = [*(record for record in SOUND.journal if record["kind"] != "sample"), *sampled_web]
    made = sound_but(**changed, journal=journal)
    assert CHECKS["whole"](sound_but(journal=journal)).outcome is Outcome.HOLDS
    manifest = {told: found for told, found in made.manifest.items() if told != part}
    finding = CHECKS["whole"](replace(made, manifest=manifest))
    assert (finding.outcome, finding.facts) == (Outcome.UNKNOWN, (f"{part} is not in the manifest",))


def test_a_log_of_no_member_is_unknown():
    finding = CHECKS["whole"](sound_but(logs={**LOGS, "packer-2": LOGS["packer"]}))
    assert (finding.outcome, finding.facts) == (
        Outcome.UNKNOWN,
        ("logs/packer-2 is of no member that lived",),
    )


def test_a_record_without_what_each_of_its_kind_has_is_unknown_and_breaks_nobody():
    journal = [{"kind": "sample", "at": 0.5}, *SOUND.journal]
    found = JUDGES.judge(sound_but(journal=journal))
    assert found["connections"].outcome is Outcome.UNKNOWN
    assert "it could not judge what it read: KeyError" in found["connections"].facts[0]
    assert found["alive"].outcome is Outcome.HOLDS


@pytest.mark.parametrize("part", [part for part in PARTS if SOUND.manifest[part].count])
def test_what_has_gone_since_it_was_read_is_missed(part):
    one_more = SOUND.manifest | {part: replace(SOUND.manifest[part], count=SOUND.manifest[part].count + 1)}
    finding = CHECKS["whole"](replace(SOUND, manifest=one_more))
    assert (finding.outcome, part in finding.facts[0]) == (Outcome.UNKNOWN, True)


@pytest.mark.parametrize("pattern", ["", "x*", "a|", "(fire)?"])
def test_a_pattern_that_takes_every_line_is_refused(pattern):
    with pytest.raises(UnboundedError, match="matches the empty string"):
        Excuse(pattern, most=1)


def test_a_control_holds_where_its_check_is_violated_and_only_there():
    broken = sound_but(parcels=[PARCEL, PARCEL], violated=["nothing_doubled"])
    assert exit_of(finding.outcome for finding in JUDGES.judge(broken).values()) is Exit.HOLDS
    sound = JUDGES.judge(sound_but(violated=["nothing_doubled"]))
    assert sound["nothing_doubled"].outcome is Outcome.VIOLATED
    assert sound["latency"].outcome is Outcome.NOTHING
    assert JUDGES.judge(sound_but(violated=["no_such_check"]))["no_such_check"].outcome is Outcome.UNKNOWN


def test_nothing_to_judge_is_a_pass_only_beside_something_that_was_judged():
    assert exit_of([Outcome.HOLDS, Outcome.NOTHING]) is Exit.HOLDS
    assert exit_of([Outcome.NOTHING]) is Exit.UNKNOWN
    assert exit_of([]) is Exit.UNKNOWN
    assert exit_of([Outcome.HOLDS, Outcome.UNKNOWN]) is Exit.UNKNOWN
    assert exit_of([Outcome.UNKNOWN, Outcome.VIOLATED]) is Exit.VIOLATED


def test_a_percentile_is_one_of_the_values():
    assert nearest_rank([1, 2, 3, 4], 0.99) == 4
    assert nearest_rank(list(range(1, 201)), 0.99) == 198
    assert nearest_rank([7], 0.5) == 7


def test_an_answer_that_is_late_on_a_slow_machine_is_unknown_and_says_how_slow_it_is():
    late = [*CALLS, accepted(milliseconds=6001.0), {"kind": "pace", "at": 1.0, "factor": 2.5}]
    found = CHECKS["latency"](sound_but(journal=late))
    assert (found.outcome, found.slow) == (Outcome.UNKNOWN, True)
    assert found.facts[-1] == "this machine is 2.5 times too slow to tell"
    in_time = CHECKS["latency"](sound_but(journal=[*CALLS, late[-1]]))
    assert (in_time.outcome, in_time.slow) == (Outcome.HOLDS, False)


def test_a_recovery_that_was_late_on_a_machine_that_is_too_slow_is_unknown():
    """And a fault beside it is none the less."""
    late = fault("recovered", seconds=16, budget=15.0, was_well=False, pace=2.5)
    found = CHECKS["faults_bitten"](sound_but(journal=[*FAULT[:3], late]))
    assert (found.outcome, found.slow) == (Outcome.UNKNOWN, True)
    assert found.facts[0] == "Refused of redis (1): recovery took 16 s of 15.0"
    found = CHECKS["faults_bitten"](sound_but(journal=[*FAULT[:2], late]))
    assert found.outcome is Outcome.VIOLATED
