"""The concurrency table: the deployment equals the guide, and each row has a load."""

import random

import pytest

from harness.application import current
from loadtests.traffic import TRAFFIC

# The table of the deployment guide, "Worker 并发数配置": API Workers, Celery Logs, Celery Content.
GUIDE = {"starter": (2, 1, 1), "developer": (4, 2, 2), "team": (8, 4, 4)}


def test_the_rows_are_the_guides_table():
    rows = {name: tuple(tier.concurrency.values()) for name, tier in current().tiers.items()}
    assert rows == GUIDE


def test_every_row_has_a_load_and_no_load_is_without_a_row():
    assert list(TRAFFIC.demands.tiers) == list(GUIDE)


@pytest.mark.parametrize(("name", "sizes", "calls"), [("small", {1}, 5), ("usual", {4, 8, 12}, 26)])
def test_a_roadmap_asks_its_provider_as_often_as_its_concepts_need(name, sizes, calls):
    workload = TRAFFIC.demands.workloads[name]
    assert set(workload.sizes) == sizes
    assert workload.calls == pytest.approx(calls)
    chance = random.Random(1)  # noqa: S311 - no secret
    drawn = [workload.draw(chance) for _ in range(2000)]
    assert set(drawn) == sizes
    assert sum(drawn) / len(drawn) == pytest.approx((calls - 2) / 3, rel=0.05)
