"""Objectives of one endpoint each: those that hold, those that do not, and those of which nothing was seen."""

from dataclasses import replace

import pytest

from harness.base.exits import Exit
from harness.load.judgement import Grade
from harness.load.locust.threshold import Threshold
from harness.load.verdict import judge
from harness.tests.load.declared import BAKERY, DEMANDS
from harness.tests.load.made_up import made_up


def asked(*lines):
    objectives = replace(
        DEMANDS["large"].objectives, thresholds=tuple(Threshold.parse(line, "order") for line in lines)
    )
    return replace(DEMANDS["large"], objectives=objectives)


def sentence(line, run=None):
    found = judge(run or made_up("large"), asked(line), BAKERY)
    return found, next(s for s in found.of("objectives").sentences if s.about == line)


@pytest.mark.parametrize(
    ("line", "grade"),
    [
        ("p99(GET /bakery/{id}/status) < 300ms", Grade.PASS),
        ("p99(GET /{id}/status) < 300ms", Grade.PASS),
        ("p50(GET /{id}/status) < 2ms", Grade.FAIL),
        ("failed(GET /{id}/status) < 1%", Grade.PASS),
        ("p50(time_to_order) < 60s", Grade.PASS),
        ("p50(time_to_order) < 0.1min", Grade.FAIL),
        ("p99.9(time_to_order) < 10min", Grade.INCONCLUSIVE),  # of 300 there is no such percentile
        ("p99(GET /cakes) < 300ms", Grade.INVALID),
        ("p99(POST /{id}/status) < 300ms", Grade.INVALID),
    ],
)
def test_a_line_is_judged_by_what_was_seen_of_its_kind(line, grade):
    found, said = sentence(line)
    assert said.grade is grade, said
    assert (found.exit is Exit.HOLDS) == (grade is Grade.PASS)


def test_requests_of_one_kind_that_failed_fail_its_line():
    def failing(one):
        requests = tuple(
            replace(request, failures=request.failures + 40) if request.kind.endswith("/status") else request
            for request in one.requests
        )
        return replace(one, requests=requests)

    run = made_up("large")
    _, said = sentence(
        "failed(GET /{id}/status) < 1%", run.having(replicates=tuple(map(failing, run.replicates)))
    )
    assert said.grade is Grade.FAIL


@pytest.mark.parametrize(
    "line",
    [
        *(
            "",
            "p99 < 300ms",
            "p99(GET /orders)",
            "p0(GET /orders) < 3s",
            "p100(GET /orders) < 3s",
            "p99(GET /orders) < 0ms",
        ),
        *(
            "failed(GET /orders) < 3s",
            "p99(GET /orders) < 3%",
            "failed(time_to_order) < 1%",
            "p99(GET /orders) < 1.2.3s",
            7,
        ),
        "p99(GET /orders) > 300ms",
    ],
)
def test_a_line_that_can_never_be_judged_is_refused(line):
    with pytest.raises(ValueError, match=r"write it as p99\(GET /orders\) < 300ms"):
        Threshold.parse(line, "order")
