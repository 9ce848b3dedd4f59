"""The collector: what a generator sends is judged and stays, and what is no record does no harm."""

import io
import json
import threading
from dataclasses import asdict
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from harness.base.exits import Exit
from harness.load.collector import RefusedError, keep, server
from harness.load.locust.collector_client import TOKEN, CollectorClient
from harness.load.locust.profiles import PROFILES
from harness.load.locust.recorder import LAG, Asked, Recorder
from harness.load.locust.usage import UsageError
from harness.tests.load.declared import BAKERY, DEMANDS


@pytest.fixture
def record(tmp_path):
    """A folder as a generator leaves it: five parts of 40 orders each."""
    recorder, began = Recorder(), 1_800_000_000.0
    names = [phase.name for phase in PROFILES["nominal"](DEMANDS["large"], 3600)]
    for number, name in enumerate(names):
        for n in range(40):
            at = began + number * 720 + n * 18
            recorder.asked.append(
                Asked(phase=name, intended=at, sent=at, answered=at + 0.01, status=202, id=f"{number}-{n}",
                      ended=at + 11, outcome="shipped", created=at, finished=at + 10 + n / 40, log_lag=0.2)
            )  # fmt: skip
            recorder.request(LAG, name, 0.001)
            recorder.request(BAKERY.traffic.from_intended, name, 0.01)
            recorder.request("GET /bakery/{id}", name, 0.008)
    recorder.merge(recorder.take())
    recorder.processes = {"here/1": {"cpu_seconds": 10.0, "seconds": 3600.0}}
    recorder.write(
        tmp_path / "seen", BAKERY.traffic.notes, tier="large", speed=1.0, workload="usual", began=began, profile="nominal", readers=16,
        planned=dict.fromkeys(names, 40),
    )  # fmt: skip
    return tmp_path / "seen"


@pytest.fixture
def collector(tmp_path):
    """A collector that asks for a token, and its address."""
    with server(BAKERY, tmp_path / "records", ("127.0.0.1", 0), "secret") as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_address[1]}", tmp_path / "records"
        listening.shutdown()
        thread.join()


def test_a_record_is_judged_and_its_page_stays(record, collector, monkeypatch):
    url, records = collector
    monkeypatch.setenv(TOKEN, "secret")
    out = io.StringIO()
    code = CollectorClient(url, BAKERY.traffic.notes).judge(record, out)
    verdict = json.loads((records / "seen" / "verdict.json").read_text())["tiers"][0]
    assert code == verdict["exit_code"]
    assert verdict["outcome"].upper() in out.getvalue()
    assert (records / "seen" / "report.html").stat().st_size > 10_000
    assert (records / "seen" / "run.json").exists()


def test_a_second_record_of_the_same_name_does_not_write_over_the_first(record, collector, monkeypatch):
    url, _ = collector
    monkeypatch.setenv(TOKEN, "secret")
    client = CollectorClient(url, BAKERY.traffic.notes)
    client.judge(record, io.StringIO())
    out = io.StringIO()
    assert client.judge(record, out) == Exit.USAGE
    assert "there is a record seen already" in out.getvalue()


def test_who_does_not_know_the_token_keeps_nothing(record, collector, monkeypatch):
    url, records = collector
    monkeypatch.delenv(TOKEN, raising=False)
    out = io.StringIO()
    assert CollectorClient(url, BAKERY.traffic.notes).judge(record, out) == Exit.USAGE
    assert "401" in out.getvalue()
    assert list(records.iterdir()) == []


def test_a_collector_that_is_not_there_is_told_of_before_the_load():
    with pytest.raises(UsageError, match="no collector answers"):
        CollectorClient("http://127.0.0.1:9", "orders.ndjson")


@pytest.mark.parametrize("name", ["../outside", "", ".", "a/b", "x" * 200])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    with pytest.raises(RefusedError):
        keep(BAKERY, tmp_path, name, {"summary": {}, "asked": []})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "record",
    [None, [], {}, {"summary": 1, "asked": []}, {"summary": {}, "asked": [{}]}, {"summary": {}, "asked": []}],
)
def test_what_is_no_record_is_no_verdict(tmp_path, record):
    with pytest.raises(RefusedError):
        keep(BAKERY, tmp_path, "name", record)


@pytest.mark.parametrize("body", [b"", b"{", b"[]"])
def test_rubbish_is_answered(collector, body):
    url, _ = collector
    request = Request(f"{url}/records/x", body, {"Authorization": "Bearer secret"}, method="POST")  # noqa: S310 - our own
    with pytest.raises(HTTPError) as refused:
        urlopen(request, timeout=10)  # noqa: S310 - our own
    assert refused.value.code in {413, 422}
    refused.value.close()
    assert asdict(Asked(phase="", intended=0))["id"] == ""
