"""Workers that come late, are away for a while or are killed: no stream of arrivals is played twice, and none is left out in silence.

Real Locust processes, each as on a machine of its own; their bakery is in locustfile.py and needs no server.
"""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from harness.base.wait import eventually
from harness.nodes.ports import ReservedPort

pytestmark = [pytest.mark.e2e, pytest.mark.once]
LOCUSTFILE = Path(__file__).with_name("locustfile.py")
LOCUST = (sys.executable, "-m", "locust", "--headless", "--only-summary", "-f", str(LOCUSTFILE))
TEN_A_SECOND = "36000"  # an hour
PATIENCE = 110.0


class Fleet:
    """A master, and workers on machines that have a name."""

    def __init__(self, folder, stack):
        self.folder, self._stack = folder, stack
        self.port = stack.enter_context(ReservedPort()).number

    def lead(self, *words, expected):
        self.log = self.folder / "master.log"
        told = ("--master", "--master-bind-port", str(self.port), "--expect-workers", str(expected))
        load = ("--host", "http://127.0.0.1:9", "--rate", TEN_A_SECOND, "--record", "seen")
        self.master = self._stack.enter_context(
            started((*LOCUST, *told, *load, *words), self.folder, self.log)
        )

    def join(self, machine, **environment):
        told = ("--worker", "--master-host", "127.0.0.1", "--master-port", str(self.port))
        log = self.folder / f"{machine}.log"
        return self._stack.enter_context(
            started((*LOCUST, *told), self.folder, log, MACHINE=machine, **environment)
        )

    def says(self, *texts):
        eventually(
            lambda: any(text in self.log.read_text() for text in texts),
            timeout=PATIENCE,
            what=" or ".join(texts),
            evidence=self.log.read_text,
        )

    def begins(self):
        """Each worker has been told to begin; a busy one may not have answered yet."""
        self.says("Spawning is complete", "All users spawned")

    def ended(self):
        """What was seen, once the master has ended by itself."""
        self.master.wait(PATIENCE)
        return (
            json.loads((self.folder / "seen" / "generator.json").read_text()),
            [json.loads(line) for line in (self.folder / "seen" / "orders.ndjson").read_text().splitlines()],
        )


@contextmanager
def started(argv, cwd, log, **environment):
    with log.open("wb") as output:
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **environment},
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def fleet(tmp_path):
    with ExitStack() as stack:
        yield Fleet(tmp_path, stack)


def assert_each_once(document, orders):
    planned = sum(document["planned"].values())
    assert len(orders) == sum(document["offered"].values()) == planned
    assert len({order["id"] for order in orders}) == planned
    assert document["unplayed"] == []


def test_a_worker_that_comes_when_the_run_has_begun_plays_nothing(fleet):
    fleet.lead("--profile", "steps", "-t", "12s", expected=1)
    fleet.join("second")
    fleet.begins()
    fleet.join("first")
    fleet.says("2 workers connected")
    assert_each_once(*fleet.ended())


def test_workers_that_are_told_to_begin_before_they_have_a_runner_play_each_its_own(fleet):
    fleet.lead("--profile", "burst", "--at-once", "20", "-t", "2s", expected=2)
    for machine in ("first", "second"):
        fleet.join(machine, MADE_SLOWLY="2.5")
    assert_each_once(*fleet.ended())


def test_a_worker_that_was_away_at_the_beginning_and_comes_back_plays_nothing(fleet):
    fleet.lead("--profile", "steps", "-t", "12s", expected=2)
    away = fleet.join("away")
    fleet.says("1 workers connected")
    away.send_signal(signal.SIGSTOP)
    fleet.says("failed to send heartbeat")
    fleet.join("second")
    fleet.join("third")
    fleet.begins()
    away.send_signal(signal.SIGCONT)
    assert_each_once(*fleet.ended())
    # It was heard again: it has quit, as it was told to at the end.
    assert re.search(r"Worker 'away_\w+' \(index \d+\) quit", fleet.log.read_text())


def test_a_worker_that_is_away_for_a_while_goes_on_where_it_was(fleet):
    fleet.lead("--profile", "steps", "-t", "20s", expected=2)
    away = fleet.join("first")
    fleet.join("second")
    fleet.begins()
    away.send_signal(signal.SIGSTOP)
    fleet.says("failed to send heartbeat")
    away.send_signal(signal.SIGCONT)
    assert_each_once(*fleet.ended())


def test_a_worker_that_is_killed_ends_the_run_and_is_named(fleet):
    """An hour of arrivals was to come: who waited for it would not come to the end of this test."""
    fleet.lead("--profile", "nominal", "-t", "1h", expected=2)
    killed = fleet.join("first")
    fleet.join("second")
    fleet.begins()
    killed.kill()
    document, _ = fleet.ended()
    (lost,) = document["unplayed"]
    assert lost.startswith("first_")
    assert fleet.master.returncode == 4
    (tier,) = json.loads((fleet.folder / "seen" / "verdict.json").read_text())["tiers"]
    assert tier["outcome"] == "invalid"
    assert any(lost in said["said"] for check in tier["checks"] for said in check["findings"])
