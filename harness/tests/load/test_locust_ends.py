"""How a Locust process ends where something is wrong with it and not with the row: with code 2, and a sentence."""

import csv
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from harness.base import pace
from harness.load.collector import server
from harness.tests.load.declared import BAKERY
from harness.tests.load.test_workers import LOCUST

pytestmark = [pytest.mark.e2e, pytest.mark.once]


def locust(cwd, *words, **environment):
    load = (
        "--host",
        "http://127.0.0.1:9",
        "--profile",
        "burst",
        "--at-once",
        "20",
        "-t",
        "1s",
        "--record",
        "seen",
    )
    return subprocess.run(
        [*LOCUST, *load, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=110 * pace.factor(),
        check=False,
        env={**os.environ, **environment},
    )


def test_a_mistake_in_the_tiers_file_is_a_sentence(tmp_path):
    (wrong := tmp_path / "orders.toml").write_text("[workload\ncalls = 5\n")
    done = locust(tmp_path, TIERS=str(wrong))
    assert done.returncode == 2
    assert "orders.toml: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_rate_that_is_none_is_a_sentence(tmp_path):
    done = locust(tmp_path, "--rate", "much")
    assert done.returncode == 2
    assert "'much' is no rate: write it as 1200/h" in done.stderr


def test_a_judge_that_died_has_judged_nothing(tmp_path):
    done = locust(tmp_path, JUDGE="harness.tests.load.nowhere:BAKERY")
    assert done.returncode == 2, done.stderr


def test_json_on_standard_output_is_nothing_but_json(tmp_path):
    done = locust(tmp_path, "--json")
    assert "INVALID" in done.stderr or "PASS" in done.stderr, done.stderr
    # Nothing was sent to the bakery: all that Locust knows is how long each took.
    assert {one["name"] for one in json.loads(done.stdout)} == {"time to order"}
    assert done.returncode in {0, 4}


@pytest.mark.parametrize("words", [("-u", "1"), ("-r", "3")])
def test_a_number_of_users_is_answered_and_not_ignored(tmp_path, words):
    done = locust(tmp_path, *words)
    assert done.returncode == 2
    assert "has no meaning here" in done.stderr
    assert "--rate" in done.stderr


def test_the_time_to_each_is_among_locusts_own_figures(tmp_path):
    locust(tmp_path, "--csv", "out", "--html", "out.html")
    rows = list(csv.DictReader((tmp_path / "out_stats.csv").read_text().splitlines()))
    (row,) = [row for row in rows if row["Name"] == "time to order"]
    assert (row["Type"], row["Request Count"], row["Failure Count"]) == ("TIME", "20", "0")
    assert float(row["95%"]) >= 40  # the bakery takes 50 ms
    assert "time to order" in (tmp_path / "out.html").read_text()
    document = json.loads((tmp_path / "seen" / "generator.json").read_text())
    assert "time to order" not in {one["kind"].removeprefix("TIME ") for one in document["requests"]}


@pytest.fixture
def stranger(tmp_path):
    """The address of a server with a certificate that nobody vouches for."""
    key, made = tmp_path / "key.pem", tmp_path / "made.pem"
    words = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost")
    subprocess.run(["openssl", *words, "-keyout", key, "-out", made], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        over = threading.Event()

        def serve():
            while not over.is_set():
                with suppress(OSError):
                    client, _ = listening.accept()
                    context.wrap_socket(client, server_side=True).close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        over.set()
        thread.join()


def test_a_certificate_that_nobody_vouches_for_is_refused_and_taken_when_told_to(tmp_path, stranger):
    done = locust(tmp_path, "--host", stranger)
    assert done.returncode == 2
    assert "nobody vouches for the certificate" in done.stderr
    done = locust(tmp_path, "--host", stranger, "--insecure")
    assert "is taken as it is" in done.stderr
    assert done.returncode != 2, done.stderr


def test_what_was_seen_is_kept_and_judged_by_a_collector(tmp_path):
    """As on Kubernetes: the generator has no judge beside it, and nothing of its disk stays."""
    with server(BAKERY, tmp_path / "records", ("127.0.0.1", 0), "") as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{listening.server_address[1]}"
        done = locust(tmp_path, "--collector", url, JUDGE="harness.tests.load.nowhere:BAKERY")
        listening.shutdown()
        thread.join()
    verdict = json.loads((tmp_path / "records" / "seen" / "verdict.json").read_text())["tiers"][0]
    assert done.returncode == verdict["exit_code"] == 4, done.stderr  # nobody has asked the bakery for a page
    assert "INVALID" in done.stdout
    assert (tmp_path / "records" / "seen" / "report.html").exists()


def test_a_collector_that_is_not_there_is_told_of_before_the_load(tmp_path):
    done = locust(tmp_path, "--collector", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert "no collector answers" in done.stderr
    assert not (tmp_path / "seen").exists()


def test_help_shows_the_options_of_the_load_beside_locusts_own():
    done = subprocess.run(
        [sys.executable, "-m", "loadtests", "locust", "--help"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=60 * pace.factor(),
        check=True,
    )
    for option in (
        "--headless",
        "--tier",
        "--table",
        "--workload",
        "--provider",
        "--allow-paid",
        "--insecure",
    ):
        assert option in done.stdout


def test_arrivals_come_for_as_many_seconds_as_are_wanted(tmp_path):
    words = ("--host", "http://127.0.0.1:9", "--no-verdict", "--rate", "10/s", "--record", "seen")
    subprocess.run(
        [*LOCUST, *words, "--seconds", "4"],
        cwd=tmp_path,
        capture_output=True,
        timeout=110 * pace.factor(),
        check=True,
    )
    phases = json.loads((tmp_path / "seen" / "generator.json").read_text())["phases"]
    assert sum(phase["seconds"] for phase in phases if phase["name"] != "warm-up") == pytest.approx(4)
