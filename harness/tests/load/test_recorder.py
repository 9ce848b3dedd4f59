"""What is recorded in several processes is the same as if one had recorded all of it."""

import json
import random

from harness.load.locust.recorder import SUMMARY, Asked, Recorder, merged

SECONDS = [random.Random(3).lognormvariate(-3, 1) for _ in range(5000)]  # noqa: S311


def _recorded(seconds):
    recorder = Recorder()
    for one in seconds:
        recorder.request("GET /x", "nominal", one, "status 500" if one > 1 else "")
    recorder.offered["nominal"] += len(seconds)
    recorder.asked.append(Asked(phase="nominal", intended=1.0, id="a"))
    return recorder


def test_merging_loses_nothing():
    whole, total = _recorded(SECONDS), Recorder()
    for part in (SECONDS[:1000], SECONDS[1000:1700], SECONDS[1700:]):
        total.merge(json.loads(json.dumps(_recorded(part).take())))
    key = ("GET /x", "nominal")
    assert total.histograms[key].get_total_count() == 5000
    assert list(total.histograms[key].counts) == list(whole.histograms[key].counts)
    assert total.failures == whole.failures
    assert total.offered["nominal"] == 5000
    assert len(total.asked) == 3


def test_percentiles_are_exact_to_a_thousandth():
    histogram = _recorded(SECONDS).histograms["GET /x", "nominal"]
    for percent in (50, 95, 99):
        exact = sorted(SECONDS)[int(len(SECONDS) * percent / 100) - 1]
        assert abs(histogram.get_value_at_percentile(percent) / 1e6 / exact - 1) < 0.002


def test_what_was_taken_is_not_taken_twice():
    recorder = _recorded(SECONDS[:10])
    recorder.take()
    again = recorder.take()
    assert again["histograms"] == []
    assert again["asked"] == []


def test_state_of_a_process_is_the_latest_and_summed_over_processes():
    total = Recorder()
    for name, making in (("a", 3), ("b", 2), ("a", 1)):
        taken = Recorder().take(making=making)
        taken["processes"] = {name: next(iter(taken["processes"].values()))}
        total.merge(taken)
    assert total.total("making") == 3


def test_what_is_written_can_be_read_again(tmp_path):
    recorder = _recorded(SECONDS)
    recorder.write(tmp_path, "orders.ndjson", tier="small")
    document = json.loads((tmp_path / SUMMARY).read_text())
    assert document["tier"] == "small"
    histogram = merged(request["histogram"] for request in document["requests"])
    assert histogram.get_total_count() == 5000
    assert [json.loads(line)["id"] for line in (tmp_path / "orders.ndjson").read_text().splitlines()] == ["a"]
