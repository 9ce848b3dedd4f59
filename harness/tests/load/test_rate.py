"""A rate is a number with its unit."""

import pytest

from harness.load.locust.rate import per_hour


@pytest.mark.parametrize(
    ("written", "hourly"),
    [
        ("400/h", 400.0),
        (" 400 / h ", 400.0),
        ("20/min", 1200.0),
        ("0.5/s", 1800.0),
        ("1e+06/h", 1_000_000.0),
        ("2.5e3/h", 2500.0),
    ],
)
def test_it_is_so_many_an_hour(written, hourly):
    assert per_hour(written) == hourly


def test_a_number_alone_has_the_unit_of_where_it_is_written():
    assert per_hour("400", unit="h") == 400.0
    assert per_hour("20/min", unit="h") == 1200.0
    with pytest.raises(ValueError, match=r"^'much' is no rate"):
        per_hour("much", unit="h")


@pytest.mark.parametrize(
    "written", ["", "much", "400", "0/h", "-3", "3/day", "1.2.3/h", "/h", "4 0 0", "1e999", "nan", "٣/h"]
)
def test_what_is_none_is_told_with_how_it_should_look(written):
    with pytest.raises(ValueError, match="write it as 1200/h"):
        per_hour(written)
