"""The document about Celery has Celery's actual settings."""

import ast
import re
from collections import Counter
from pathlib import Path

from app.core.broker import create_celery
from app.core.settings import load_settings
from app.roadmaps import messages
from app.roles import ROLES
from app.tests.test_settings import environment

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "CELERY_SETUP.md").read_text()
CHINESE = (DOCS / "CELERY_SETUP.zh.md").read_text()


def test_every_setting_shown_is_the_one_there_is():
    shown = dict(re.findall(r"^\| `([a-z_]+)` \| `([^`]+)` \|$", TEXT, re.MULTILINE))
    conf = create_celery(load_settings(environment("celery_content"))).conf
    assert len(shown) > 10
    assert {name: ast.literal_eval(value) for name, value in shown.items()} == {
        name: conf[name] for name in shown
    }


def test_every_queue_and_task_shown_is_the_one_there_is():
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| `([\w.]+)` \|", TEXT, re.MULTILINE)
    assert set(rows) == {
        (messages.CONTENT_QUEUE, "celery_content", messages.GENERATE_TASK),
        (messages.LOGS_QUEUE, "celery_logs", messages.STORE_TASK),
    }
    assert all(queue in ROLES[role].queues for queue, role, _ in rows)


def test_the_tasks_of_a_pool_child_are_those_shown():
    said = re.search(r"`worker_max_tasks_per_child` is ([\d,]+), of the logs worker ([\d,]+)", TEXT)
    assert said
    assert [int(number.replace(",", "")) for number in said.groups()] == [
        ROLES["celery_content"].tasks_per_child,
        ROLES["celery_logs"].tasks_per_child,
    ]


def told(text):
    """The parts that are the same in every language: headings, words of code, and rows of tables."""
    code = Counter(re.findall(r"`([^`\n]+)`", text))
    return [
        re.findall(r"^#+", text, re.MULTILINE),
        code,
        Counter(re.findall(r"^\|(?=[^\n]*\|$)", text, re.MULTILINE)),
    ]


def test_both_languages_say_the_same():
    assert told(CHINESE) == told(TEXT)
    assert "10,000" in CHINESE
