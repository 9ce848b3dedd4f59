"""Every check is fed a broken history and must go red for it, and green for the sound one it was broken from."""

import pytest

from harness.evidence.checks import Judges, Outcome
from harness.evidence.checks.latency import nearest_rank
from harness.evidence.evidence import Evidence
from harness.tests.evidence.history import (
    CALLS,
    FAULT,
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
    finding = CHECKS["nothing_lost"](sound_but(states={}))
    assert (finding.outcome, finding.facts) == (Outcome.UNKNOWN, ("what became of 1 orders is missing",))


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
    ("no_secret", {"logs": {"web": ["Bearer eyJhbGci.eyJzdWIi.c2ln"]}}, "a token is in line 1 of the log"),
    ("no_secret", {"logs": {"web": ["Bearer <token>"]}}, "a token is in line 1"),  # as it is saved
    ("no_unexpected_error", {"logs": LOGS | {"web": [ERROR]}}, "web: " + ERROR),
    ("no_unexpected_error", {"logs": {"web": ["Traceback (most recent call last):"]}}, "web: Traceback"),
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
    assert {name for name, _, _ in BROKEN} == set(CHECKS)


LEFT_ALONE = [
    # A role that was frozen itself cannot answer.
    (
        "latency",
        {
            "journal": [
                *CALLS,
                accepted(outcome="unknown", milliseconds=15000.0),
                fault("injected", target="web"),
            ]
        },
    ),
    ("latency", {"journal": [*CALLS, call("GET", "/nobody/has/a/budget", milliseconds=60_000.0)]}),
    ("no_unexpected_error", {"logs": LOGS | {"web": [ERROR]}, "expected_errors": ["pool is on fire"]}),
]


@pytest.mark.parametrize(("name", "change"), LEFT_ALONE)
def test_what_is_nobodys_fault_is_left_alone(name, change):
    assert CHECKS[name](sound_but(**change)).outcome is Outcome.HOLDS


def test_what_was_neither_hurt_nor_sampled_is_not_judged_for_it():
    assert set(JUDGES.judge(SOUND)) == set(CHECKS)
    unhurt = sound_but(journal=CALLS)
    always = {check.__name__ for check in JUDGES.always}
    assert set(JUDGES.judge(unhurt)) == always
    assert "latency" not in JUDGES.judge(sound_but(journal=CALLS, not_judged=["latency"]))
    sampled_only = sound_but(journal=[*CALLS, *SAMPLES])
    assert set(JUDGES.judge(sampled_only)) == set(CHECKS) - {"faults_bitten"}


def test_a_percentile_is_one_of_the_values():
    assert nearest_rank([1, 2, 3, 4], 0.99) == 4
    assert nearest_rank(list(range(1, 201)), 0.99) == 198
    assert nearest_rank([7], 0.5) == 7
