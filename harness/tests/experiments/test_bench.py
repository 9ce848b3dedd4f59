"""The benchmarks' own arithmetic, and what the command makes of it; the figures themselves are no test's business."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.experiments import bench
from harness.experiments.bench.figure import Figure
from harness.experiments.bench.imports import Interpreter, cpu_seconds, floor, third_party
from harness.experiments.bench.load import post
from harness.experiments.bench.openai import Round, undisturbed


@pytest.mark.parametrize(
    ("bounds", "held", "limit"),
    [
        ({}, True, ""),
        ({"most": 2.0}, True, "≤ 2 s"),
        ({"most": 1.9}, False, "≤ 1.9 s"),
        ({"least": 2.0}, True, "≥ 2 s"),
        ({"least": 2.1}, False, "≥ 2.1 s"),
        ({"least": 1.0, "most": 3.0}, True, "≤ 3 s, ≥ 1 s"),
    ],
)
def test_a_figure_holds_within_its_limits(bounds, held, limit):
    figure = Figure(name="start", value=2.0, unit="s", **bounds)
    assert (figure.held, figure.limit) == (held, limit)


def test_a_median_says_how_far_the_times_spread():
    figure = Figure.median("reset", [0.001, 0.002, 0.009], unit="ms", most=5)
    assert (figure.value, figure.detail, figure.held) == (2.0, "median of 3, 1 to 9 ms", True)


CHAIN = [Interpreter("a", ()), Interpreter("b", (), "a"), Interpreter("c", (), "a", count=4)]


def test_the_floor_is_the_longest_chain_or_the_work_spread_over_the_cores():
    costs = {"a": 1.0, "b": 2.0, "c": 0.5}
    assert floor(costs, CHAIN, cores=8)[0] == 3.0  # a, then b
    seconds, why = floor(costs, CHAIN, cores=1)
    assert (seconds, why) == (5.0, "5.00 CPU-seconds of imports on 1 cores")


def test_what_an_import_brings_in_is_named_without_ours_and_without_the_standard_library():
    found = third_party(["harness.base.http", "json"], {})
    assert "httpx" in found
    assert not [name for name in found if name.partition(".")[0] in {"harness", "json", "sys"}]
    assert cpu_seconds(found) > cpu_seconds([]) > 0


@pytest.fixture
def server():
    """Accepts all but every fifth post; answers its address and what it was sent."""
    seen = []
    counting = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with counting:
                seen.append((self.headers["Authorization"], body))
                refused = len(seen) % 5 == 0
            answer = b"{}"
            self.send_response(503 if refused else 202)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"127.0.0.1:{listening.server_port}", seen
        listening.shutdown()
        thread.join()


def test_a_load_counts_what_was_accepted_and_what_was_not(server):
    address, seen = server
    load = post(
        address, "/x", {"a": 1}, [{"Authorization": "Bearer one"}, {"Authorization": "Bearer two"}], 20
    )
    assert (len(seen), len(load.bodies), len(load.refused)) == (20, 16, 4)
    assert load.refused[0].startswith("http/1.1 503")
    assert {body["a"] for _, body in seen} == {1}
    assert {who for who, _ in seen} == {"Bearer one", "Bearer two"}
    assert load.rate == pytest.approx(16 / load.seconds)


@pytest.fixture
def found(monkeypatch):
    """Run the command on benchmarks with these figures."""

    def run(*figures: Figure, options: tuple[str, ...] = ()):
        def measure(rounds, progress, spec):
            progress(f"{rounds} rounds on {spec.substrate}")
            return iter(figures)

        made_up = SimpleNamespace(run=measure, possible_on=lambda name: name == "embedded")
        monkeypatch.setattr(bench, "BENCHMARKS", {"made-up": made_up})
        return CliRunner().invoke(app, ["bench", *options])

    return run


GOOD = Figure(name="start", value=1.25, unit="s", most=2.0, detail="of 7")
BAD = Figure(name="ratio", value=0.1, least=0.2)


def test_the_table_shows_each_figure_with_its_limit(found):
    result = found(GOOD)
    assert result.exit_code == 0
    assert " ".join(result.stdout.splitlines()[-1].split()) == "start 1.25 s ≤ 2 s held of 7"


def test_a_missed_figure_is_named_and_exits_1(found):
    result = found(GOOD, BAD)
    assert result.exit_code == 1
    assert "MISSED" in result.stdout
    assert "missed: ratio" in result.stderr


def test_json_is_all_there_is_on_standard_output(found):
    result = found(GOOD, BAD, options=("--json",))
    first, second = json.loads(result.stdout)
    assert (first["name"], first["held"], second["held"], second["least"]) == ("start", True, False, 0.2)


@pytest.mark.e2e
def test_a_benchmark_runs():
    result = CliRunner().invoke(app, ["bench", "reset", "--rounds", "1", "--json"])
    assert "own work" in json.loads(result.stdout)[0]["name"]


@pytest.mark.parametrize(
    ("cores", "judged"),
    [
        ([1.0, 0.7, 0.95, 0.99], [1.0, 0.95]),
        ([0.99, 0.98, 0.97], [0.99, 0.98]),
        ([0.5, 0.6, 1.0], [0.5, 0.6, 1.0]),  # too few: it may be the server that waits
        ([0.5, 0.6], [0.5, 0.6]),
        ([], []),
    ],
)
def test_a_round_in_which_others_had_the_servers_core_says_nothing_of_its_tail(cores, judged):
    assert [one.core for one in undisturbed([Round(1.0, 2.0, core) for core in cores], 2)] == judged
