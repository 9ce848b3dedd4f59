"""What a tier must carry, in a file whose keys speak of the application's own things."""

import pytest

from harness.load.locust.demands import Demands, TiersError
from harness.tests.load.declared import BAKERY

FILE = BAKERY.traffic.tiers


def read(path):
    return Demands.read(path, noun="order", nouns="orders")


def test_keys_have_the_noun_in_them():
    found = read(FILE)
    assert list(found.tiers) == ["small", "medium", "large"]
    assert found.tiers["small"].per_hour == 180
    assert found.tiers["small"].objectives.time_p95_s == 90
    assert (found.prices.provider_each, found.workload.calls) == (0.004, 5)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("readers = 4", "reader = 4", "reader is unknown"),
        ("orders_per_hour = 180", "per_hour = 180", r"\[small\] orders_per_hour is missing"),
        ("burst = 20", "", r"\[small.objectives\] burst is missing"),
        ("error_rate = 0.01", "error_rate = 0", "error_rate must be a number above 0"),
        ("error_rate = 0.01", 'error_rate = "1 %"', "must be a number"),
        ("[prices]", "[price]", r"\[prices\] is missing"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path, before, after, problem):
    wrong = tmp_path / "orders.toml"
    text = FILE.read_text()
    assert before in text
    wrong.write_text(text.replace(before, after, 1))
    with pytest.raises(TiersError, match=problem):
        read(wrong)


def test_an_irregular_plural_is_told(tmp_path):
    path = tmp_path / "people.toml"
    path.write_text(FILE.read_text().replace("orders", "people").replace("order", "person"))
    assert Demands.read(path, noun="person", nouns="people").tiers["small"].per_hour == 180
