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
    assert (found.prices.provider_call, found.workloads["usual"].calls) == (0.0008, 5)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("readers = 4", "reader = 4", "reader is unknown"),
        ("orders_per_hour = 180", "per_hour = 180", r"\[small\] orders_per_hour is missing"),
        ("burst = 20", "", r"\[small.objectives\] burst is missing"),
        ("error_rate = 0.01", "error_rate = 0", "error_rate must be a number above 0"),
        ("error_rate = 0.01", 'error_rate = "1 %"', "must be a number"),
        ("[prices]", "[price]", r"\[prices\] is missing"),
        ("[workloads.usual]", "[workloads.odd]", r"\[workloads.usual\] is missing"),
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


PEOPLE = """
[users]
orders_a_day = 0.5
peak_hour = 0.1
reading = 0.001

[promise]
error_rate = 0.01
api_p95_ms = 500
api_p99_ms = 1000
time_to_order_p95_s = 90
log_lag_p95_s = 5
drain_s = 450
thresholds = ["p99(GET /orders) < 300ms"]

[small]
people = 3600

[small.objectives]
burst = 20
thresholds = ["failed(POST /orders) < 1%"]
"""


def of_people(tmp_path, before="", after=""):
    path = tmp_path / "orders.toml"
    head = FILE.read_text().partition("[small]")[0]
    path.write_text(head + PEOPLE.replace(before, after) if before else head + PEOPLE)
    return read(path)


def test_a_load_is_said_in_people_and_a_promise_is_of_all_tiers(tmp_path):
    small = of_people(tmp_path).tiers["small"]
    assert (small.per_hour, small.readers, small.people) == (180, 4, 3600)
    assert (small.objectives.time_p95_s, small.objectives.burst) == (90, 20)
    assert [one.line for one in small.objectives.thresholds] == [
        "p99(GET /orders) < 300ms",
        "failed(POST /orders) < 1%",
    ]


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("people = 3600", "people = 0", "people must be a number above 0"),
        ("people = 3600", "people = 3600\nreaders = 4", r"\[small\] orders_per_hour is missing"),
        ("[users]", "[user]", "is unknown|is missing"),
        ("peak_hour = 0.1", "", r"\[users\] peak_hour is missing"),
        ("p99(GET /orders) < 300ms", "p99(GET /orders)", "is no objective"),
        ("burst = 20", "", "burst is missing"),
        ("api_p95_ms = 500", "api_p95_ms = inf", "must be a number above 0"),
    ],
)
def test_a_mistake_in_a_scenario_of_users_is_named(tmp_path, before, after, problem):
    assert before in PEOPLE
    with pytest.raises(TiersError, match=problem):
        of_people(tmp_path, before, after)
