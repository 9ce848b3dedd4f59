"""What the ledger says of work, and that an unknown names the line of the declaration that would decide it."""

import base64
import json

import pytest

from harness.application import Work, calls
from harness.evidence.checks.finding import Outcome
from harness.experiments.trial.ledger import Entry, Ledger, Message

WORK = Work(name="job", at="api", argument="args[0]", ends=frozenset({"done"}))
NAMELESS = Work(name="job", at="api", ends=frozenset({"done"}), effect=calls("sink"))


def lost(*entries: Entry):
    return Ledger(WORK, entries).nothing_lost(20)


def doubled(*entries: Entry, work: Work = WORK):
    return Ledger(work, entries).nothing_doubled()


def test_what_has_ended_is_not_lost():
    finding = lost(Entry(id="1", state="done"), Entry(id="2", state="done"))
    assert (finding.outcome, finding.facts) == (Outcome.HOLDS, ("all of 2 ended: 2 done",))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (Entry(id="7", state=None), "lost: job 7 was accepted and is not there"),
        (
            Entry(id="7", state="running"),
            "lost: job 7 is still running after 20 s, and no message of it is left",
        ),
        (
            Entry(id="7", state="running", failures=2),
            "lost: job 7 is still running after 20 s, its task failed 2 times, and no message of it is left",
        ),
        (
            Entry(id="7", state="queued", where="waits in the queue jobs"),
            "stuck: job 7 is still queued after 20 s; it waits in the queue jobs",
        ),
    ],
)
def test_what_has_not_ended_is_lost_or_stuck(entry, said):
    finding = lost(entry, Entry(id="1", state="done"))
    assert (finding.outcome, finding.facts) == (Outcome.VIOLATED, (said,))


def test_nothing_accepted_is_unknown():
    assert lost().outcome is Outcome.UNKNOWN
    assert doubled().outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("entry", "outcome", "said"),
    [
        (Entry(id="1", state="done", successes=1), Outcome.HOLDS, "the task of each succeeded once"),
        (Entry(id="1", state="done", successes=2, effects=1), Outcome.HOLDS, "each done once"),
        (
            Entry(id="1", state="done", effects=2),
            Outcome.VIOLATED,
            "doubled: job 1 did 2 times what it does once",
        ),
        (
            Entry(id="1", state="done", successes=2),
            Outcome.UNKNOWN,
            "app.work('job', effect=calls(...) or SQL) would decide",
        ),
    ],
)
def test_doubled_is_what_had_its_effect_twice(entry, outcome, said):
    finding = doubled(entry)
    assert finding.outcome is outcome
    assert said in finding.facts[0]


def test_without_a_task_and_an_effect_it_is_unknown_and_says_what_would_decide_it():
    finding = doubled(Entry(id="1", state="done"), work=Work(name="job", at="api"))
    assert finding.outcome is Outcome.UNKNOWN
    assert "task=..., by='args[0]'" in finding.facts[0]


class Broker:
    """As much of Redis as the ledger asks for."""

    def __init__(self, queued=(), unacked=()):
        self.queued, self.unacked = queued, unacked

    def lrange(self, queue, first, last):
        return [json.dumps(message) for message in self.queued]

    def hvals(self, key):
        assert key == "unacked"
        return [json.dumps([message, "", "jobs"]) for message in self.unacked]


def message(*args, **kwargs):
    body = base64.b64encode(json.dumps([args, kwargs, {}]).encode()).decode()
    return {"body": body, "properties": {"body_encoding": "base64"}, "headers": {"id": "task-1"}}


@pytest.mark.parametrize(
    ("found", "accepted", "holds"),
    [
        (message(7), "7", True),
        (message("ab-c", 3), "ab-c", True),
        (message(job="ab-c"), "ab-c", True),
        (message(job=7), "7", True),
        (message(1, 7), "7", True),
        (message(77), "7", False),
        (message("x7"), "7", False),
    ],
)
def test_a_message_is_about_the_work_whose_id_it_holds(found, accepted, holds):
    (waiting,) = Message.read(Broker(queued=[found]), ["jobs"])
    assert waiting.holds(accepted) is holds
    assert (waiting.task, waiting.where) == ("task-1", "waits in the queue jobs")
    (taken,) = Message.read(Broker(unacked=[found]), ["jobs"])
    assert taken.holds(accepted) is holds
    assert "only the visibility time-out moves it" in taken.where


def queued(task="jobs.process", number=7, identity="t-7"):
    return json.dumps(
        {"body": json.dumps([[number], {}, {}]), "headers": {"id": identity, "task": task}}
    ).encode()


class Queue:
    """As much of Redis as is read."""

    def __init__(self, *messages):
        self.messages = messages

    def lrange(self, *_):
        return self.messages


@pytest.mark.parametrize(
    ("work", "accepted"),
    [
        (WORK, "7"),
        (Work(name="job", at="api", argument="task_id"), "t-7"),
        (Work(name="job", at="api", task="jobs.process"), "whatever"),
    ],
)
def test_a_message_of_the_schedule_is_nobodys_work(work, accepted):
    schedule = queued("jobs.sweep", 0, "s-1")
    found = [
        raw
        for message, raw in Message.waiting(Queue(schedule, queued()), "jobs")
        if message.may_be_of(work, accepted)
    ]
    assert found == [queued()]
