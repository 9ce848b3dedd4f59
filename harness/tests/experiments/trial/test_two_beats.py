"""What is said of a schedule that two beats keep: held, doubled, or unknown with the line that would decide it."""

from collections import Counter

import pytest

from harness.application import App, log
from harness.evidence.checks.finding import Outcome
from harness.experiments.trial.promises.two_beats import _judge, beats

BILL = "tasks.bill"


def application(**declared):
    app = App("small")
    if declared:
        app.schedule(BILL, **declared)
    return app


@pytest.mark.parametrize(
    ("declared", "came", "done", "outcome", "said"),
    [
        ({}, 6, 0, Outcome.HOLDS, "came 6 times in 6 slots"),
        (
            {},
            12,
            0,
            Outcome.UNKNOWN,
            "app.schedule('tasks.bill', effect=...) or repeatable=True would decide",
        ),
        ({"repeatable": True}, 12, 0, Outcome.HOLDS, "came 12 times in 6 slots"),
        ({"effect": "SELECT 1"}, 12, 6, Outcome.HOLDS, "and did 6 times what it does"),
        ({"effect": "SELECT 1"}, 12, 11, Outcome.VIOLATED, "doubled: tasks.bill came 12 times in 6 slots"),
        ({"effect": "SELECT 1"}, 12, 0, Outcome.UNKNOWN, "its effect did not show"),
        ({"effect": "SELECT 1"}, 0, 0, Outcome.UNKNOWN, "its effect did not show"),
    ],
)
def test_what_came_is_judged_by_what_it_did(declared, came, done, outcome, said):
    finding = _judge(application(**declared), {BILL: 6.0}, Counter({BILL: came}), Counter({BILL: done}), [])
    assert (finding.outcome, said in " ".join(finding.facts)) == (outcome, True)


def test_what_is_declared_and_did_not_come_is_no_pass():
    app = application(repeatable=True)
    finding = _judge(app, {"other": 6.0}, Counter({"other": 6}), Counter(), [BILL])
    assert (finding.outcome, finding.facts) == (Outcome.UNKNOWN, ("tasks.bill was not seen to come",))


def test_a_beat_is_known_by_its_command():
    app = App("small")
    app.role("clock", "python -m celery -A config beat -l INFO", ready=log("beat: Starting"), single=True)
    app.role("heartbeat", "beat it", ready=log("x"))
    app.role("worker", "celery -A config worker -Q beats", queues=["beats"])
    assert beats(app) == ["clock"]
