"""Each field of a record is removed, and spoilt, one at a time: no such record passes, and each refusal names what is the matter.

The fields are those of the record's classes: a new one is tried too, or is named here as one that no verdict rests on.
"""

import math
from dataclasses import fields, replace

import pytest

from harness.base.exits import Exit
from harness.load.judgement import Grade
from harness.load.record import Job, LiveRole, Replicate, Requests, Row, Run, Sample
from harness.load.verdict import judge
from harness.tests.load.declared import BAKERY, DEMANDS
from harness.tests.load.made_up import made_up

SOUND = made_up("large")
NAN = math.nan
# class -> field -> what it becomes, with what the refusal says; no verdict rests on the fields that have nothing.
CHANGES = {
    Run: {
        "tier": {},
        "depth": {"": "depth"},
        "speed": {0.0: "speed", NAN: "speed", -1.0: "speed"},
        "cores": {0: "cores"},
        "row": {},
        "roles": {None: "roles", "empty": "processes"},
        "replicates": {(): "replicates"},
        "substrate": {},
        "began": {},
        "played_again": {},
        "workload": {"": "workload", "vast": "workload"},
        "interrupted": {True: "interrupted"},
        "connections": {None: "connections", 0: "connections", 41: "two deployments overlap"},
    },
    Row: {
        "processes": {"empty": "row"},
        "queues": {"empty": "row"},
        "pool_size": {0: "pool_size"},
        "memory_mb": {0: "memory_mb"},
        "cpus": {},
    },
    LiveRole: {
        "processes": {0: "processes", 99: "processes"},
        "queues": {(): "queues", ("others",): "queues"},
        "prefetch": {None: "messages taken at once", 99: "messages taken at once"},
        "pool_size": {None: "pool_size", 99: "connections of a process"},
        "memory_peak": {None: "memory_peak", 0: "memory_peak", 2 * 1024**3: "memory at its peak"},
        "throttled": {NAN: "throttled", -1.0: "throttled", 0.5: "throttled"},
    },
    Replicate: {
        "profile": {"": "profile", "hill": "profile"},
        "planned": {0: "planned", 10_000: "never sent"},
        "seconds": {0.0: "seconds", NAN: "seconds"},
        "began": {NAN: "began"},
        "jobs": {(): "orders"},
        "requests": {(): "requests"},
        "generator_cpu": {0.0: "generator_cpu", NAN: "generator_cpu", 0.9: "CPU of the generator"},
        "provider_cpu": {0.9: "CPU of the scripted provider"},
        "calibration": {None: "calibration", (0.1, NAN): "calibration", (0.0, 0.1): "calibration"},
        "samples": {(): "samples"},
        "cpu_seconds": {"empty": "cpu_seconds", "tiny": "cpu_seconds"},
        "reasons": {},
        "readers": {None: "readers", 0: "readers"},
        "unplayed": {("worker 7",): "worker 7"},
    },
    Job: {
        "phase": {"": "jobs", "warm-up": "orders"},
        "intended": {NAN: "jobs", 2e9: "jobs"},
        "sent": {NAN: "jobs"},
        "accepted": {None: "jobs", 2e9: "jobs"},
        "claimed": {None: "jobs", 2e9: "jobs"},
        "completed": {None: "never ended", 0.0: "jobs"},
        "logged": {},
        "log_lag": {None: "log lag", -1.0: "jobs", 1e6: "log lag"},
        "outcome": {"": "failed", "burnt": "failed"},
    },
    Requests: {
        "kind": {"": "requests"},
        "phase": {"": "requests"},
        "failures": {-1: "requests", 10: "requests that failed", 10_000: "requests"},
        "histogram": {"": "requests", "rubbish": "requests"},
    },
    Sample: {
        "at": {NAN: "samples"},
        "queued": {9999: "Little"},
        "running": {9999: "Little"},
        "messages": {"empty": "messages: nobody counted"},
        "taken": {None: "taken", 0: "slots have taken", 9999: "slots have taken"},
        "connections": {"empty": "samples"},
        "memory": {},
    },
}
CASES = [
    (kind, name, value, said)
    for kind, named in CHANGES.items()
    for name, changes in named.items()
    for value, said in changes.items()
]


def changed(kind, name, value):
    """The sound record, in which a field of every object of a class is something else."""
    tiny = dict.fromkeys(SOUND.row.processes, 1e-8)
    change = {name: {"empty": {}, "tiny": tiny}.get(value, value) if isinstance(value, str) else value}
    if kind is Run:
        return replace(SOUND, **change)
    if kind is Row:
        return SOUND.having(row=replace(SOUND.row, **change))
    if kind is LiveRole:
        return SOUND.having(roles={role: replace(live, **change) for role, live in SOUND.roles.items()})
    if kind is Replicate:
        return SOUND.having(replicates=tuple(replace(one, **change) for one in SOUND.replicates))
    held = {Job: "jobs", Requests: "requests", Sample: "samples"}[kind]
    return SOUND.having(
        replicates=tuple(
            replace(one, **{held: tuple(replace(each, **change) for each in getattr(one, held))})
            for one in SOUND.replicates
        )
    )


def test_every_field_of_the_record_is_tried_or_named():
    for kind, named in CHANGES.items():
        assert {field.name for field in fields(kind)} == set(named), kind


def test_the_sound_record_passes():
    assert judge(SOUND, DEMANDS["large"], BAKERY).exit is Exit.HOLDS


@pytest.mark.parametrize(
    ("kind", "name", "value", "said"),
    CASES,
    ids=[f"{kind.__name__}.{name}={value}" for kind, name, value, _ in CASES],
)
def test_a_record_without_it_or_with_it_spoilt_does_not_pass(kind, name, value, said):
    found = judge(changed(kind, name, value), DEMANDS["large"], BAKERY)
    assert found.exit is not Exit.HOLDS
    refusals = [
        f"{sentence.about}: {sentence.said}"
        for judgement in found.judgements
        for sentence in judgement.sentences
        if sentence.grade not in {Grade.PASS, Grade.NOT_JUDGED}
    ]
    assert any(said in refusal for refusal in refusals), refusals
