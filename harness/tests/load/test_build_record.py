"""Stamps of the service win over what a client saw; a client's clock and the service's are never subtracted."""

from collections import Counter

from harness.load.build_record import parts, replicate
from harness.load.checks.little import laws, little_error, wholes
from harness.load.locust.recorder import Recorder
from harness.tests.load.declared import BAKERY
from harness.tests.load.made_up import made_up

SEEN = {
    "phase": "nominal 1",
    "intended": 100.0,
    "sent": 100.001,
    "answered": 100.02,
    "status": 202,
    "id": "a",
    "running": 103.0,
    "ended": 109.0,
    "outcome": "completed",
    "created": 5000.0,
    "finished": 5007.5,
    "log_lag": 0.4,
}
SUMMARY = {
    "processes": {"x": {"cpu_seconds": 2.0, "seconds": 10.0}, "y": {"cpu_seconds": 4.0, "seconds": 10.0}},
    "planned": Counter({"nominal 1": 1}),
    "requests": [],
    "reasons": {},
    "began": 90.0,
}


def test_the_services_stamps_are_taken_where_they_are_known():
    stamps = {
        "a": {
            "created": 100.01,
            "claimed": 101.0,
            "completed": 107.0,
            "logged": 107.2,
            "lag": 0.1,
            "status": "failed",
        }
    }
    (job,) = replicate("nominal", SUMMARY, [SEEN], stamps).jobs
    assert (job.accepted, job.claimed, job.completed, job.logged) == (100.01, 101.0, 107.0, 107.2)
    assert (job.outcome, job.log_lag) == ("failed", 0.1)


def test_a_clients_record_adds_the_services_own_duration_to_its_own_clock():
    """The service's clock is 4,900 s ahead; its stamps are 7.5 s apart."""
    (job,) = replicate("nominal", SUMMARY, [SEEN], {}).jobs
    assert job.completed == 100.02 + 7.5
    assert round(job.seconds, 6) == 7.52


def test_what_was_refused_has_no_end():
    refused = {
        **SEEN,
        "id": "",
        "status": 503,
        "outcome": "",
        "running": None,
        "ended": None,
        "created": None,
        "finished": None,
    }
    (job,) = replicate("nominal", SUMMARY, [refused], {}).jobs
    assert (job.accepted, job.completed, job.outcome) == (None, None, "")


def test_the_busiest_generator_process_counts():
    assert replicate("nominal", SUMMARY, [SEEN], {}).generator_cpu == 0.4


def test_a_generator_that_did_nothing_is_a_record_too():
    nothing = replicate("nominal", {**SUMMARY, "processes": Recorder().take()["processes"]}, [], {})
    assert nothing.jobs == ()


def test_the_parts_of_a_steady_run_are_the_whole_of_it():
    whole = made_up("large", replicates=1).replicates[0]
    planned = Counter(job.phase for job in whole.jobs)
    found = parts(whole, planned)
    assert len(found) == 5
    assert sum(len(one.jobs) for one in found) == len(whole.jobs)
    assert sum(one.planned for one in found) == whole.planned
    assert abs(sum(one.cpu_seconds["web"] for one in found) - whole.cpu_seconds["web"]) < 1e-6
    (joined,) = wholes(made_up("large").having(replicates=found))  # the probes count everybody's orders
    for law in laws(made_up("large"), BAKERY):
        assert little_error(joined, law) == little_error(whole, law)
    burst = made_up("large").replicates[-1]
    assert parts(burst, Counter()) == (burst,)
