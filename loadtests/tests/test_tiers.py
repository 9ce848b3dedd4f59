"""The concurrency table: what is deployed equals the guide, and each row has a load to carry."""

from harness.application import current
from loadtests.traffic import TRAFFIC

# The table of the deployment guide, "Worker 并发数配置": API Workers, Celery Logs, Celery Content.
GUIDE = {"starter": (2, 1, 1), "developer": (4, 2, 2), "team": (8, 4, 4)}


def test_the_rows_are_the_guides_table():
    rows = {name: tuple(tier.concurrency.values()) for name, tier in current().tiers.items()}
    assert rows == GUIDE


def test_every_row_has_a_load_and_no_load_is_without_a_row():
    assert list(TRAFFIC.demands.tiers) == list(GUIDE)


def test_a_roadmap_of_one_concept_asks_its_provider_five_times():
    assert TRAFFIC.demands.workload.concepts == 1
    assert TRAFFIC.demands.workload.calls == 5
