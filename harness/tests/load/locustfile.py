"""A bakery that takes every order, as a Locust file: nothing is sent, so that only who asks for what, and how often, is seen."""

import os
import socket
import sys
import time
import uuid
from pathlib import Path

import gevent
from locust import runners, task
from locust.runners import WorkerRunner

sys.path.insert(0, str(Path(__file__).parents[3]))

from harness.load.locust.session import take_part
from harness.load.locust.traffic import Traffic
from harness.load.locust.users import LoadUser, OpenUser

# A worker's id begins with the name of its machine, and Locust spreads users over workers in the order of their ids.
socket.gethostname = lambda: os.environ.get("MACHINE", "one")
# On a slow machine who is away until others have come is away for longer than the minute after which Locust forgets a worker,
# and a worker its master.
runners.HEARTBEAT_DEAD_INTERNAL, runners.MASTER_HEARTBEAT_TIMEOUT = -600, 600
connect = WorkerRunner.connect_to_master


def connect_slowly(runner):
    """As on a busy machine: the worker is told to begin before its runner has been made."""
    connect(runner)
    gevent.sleep(float(os.environ.get("MADE_SLOWLY", "0")))


WorkerRunner.connect_to_master = connect_slowly

TRAFFIC = Traffic(
    noun="order",
    root=Path(__file__).parents[3],
    judge=os.environ.get("JUDGE", "harness.tests.load.declared:BAKERY"),
    tiers=Path(os.environ.get("TIERS", Path(__file__).with_name("orders.toml"))),
    paid=False,
)


class Author(OpenUser):
    """Orders, and waits for the bread."""

    def ask(self, account, asked):
        asked.id, asked.status, asked.answered = uuid.uuid4().hex, 202, time.time()

    def follow(self, account, asked):
        gevent.sleep(0.05)
        asked.ended, asked.outcome = time.time(), "shipped"


class Reader(LoadUser):
    """Looks at the window."""

    @task
    def look(self):
        gevent.sleep(0.2)


Shape = take_part(TRAFFIC, author=Author, reader=Reader)
