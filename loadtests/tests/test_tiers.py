"""The concurrency table: what is deployed equals the guide, and each row has a load to carry."""

import pytest

from harness.deployment.declaration import Deployment
from harness.load.locust.demands import FILE, Demands, TiersError

# The table of the deployment guide, "Worker 并发数配置": API Workers, Celery Logs, Celery Content.
GUIDE = {"starter": (2, 1, 1), "developer": (4, 2, 2), "team": (8, 4, 4)}


def test_the_rows_are_the_guides_table():
    rows = {name: tuple(tier.concurrency.values()) for name, tier in Deployment.load().tiers.items()}
    assert rows == GUIDE


def test_every_row_has_a_load_and_no_load_is_without_a_row():
    assert list(Demands.load().tiers) == list(GUIDE)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("readers = 4", "reader = 4", "reader is unknown"),
        ("burst = 20", "", r"\[starter.objectives\] burst is missing"),
        ("error_rate = 0.01", "error_rate = 0", "error_rate must be a number above 0"),
        ("error_rate = 0.01", 'error_rate = "1 %"', "must be a number"),
        ("[prices]", "[price]", r"\[prices\] is missing"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path, before, after, problem):
    wrong = tmp_path / "tiers.toml"
    text = FILE.read_text()
    assert before in text
    wrong.write_text(text.replace(before, after, 1))
    with pytest.raises(TiersError, match=problem):
        Demands.load(wrong)
