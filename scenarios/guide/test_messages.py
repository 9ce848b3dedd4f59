"""Our publisher's messages in a queue equal Celery's own."""

import base64
import json
import re

import pytest
from kombu import pools

from app.core.batch_sender import BatchSender, Message
from app.core.broker import create_celery
from app.core.settings import load_settings
from scenarios.roadmaps.services import API

pytestmark = [pytest.mark.e2e, pytest.mark.stack(start=())]
VARIES = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

TRACE = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")  # W3C Trace Context


def test_a_batch_is_sent_as_celery_sends_each_message(system):
    """Messages that are sent in one round trip are, but for their ids and their trace, those that Celery's send_task sends one by one."""
    celery = create_celery(load_settings(system.stack.environment_here(API)))
    arguments = [{"roadmap_id": "first", "number": 1}, {"roadmap_id": "ünïcode", "number": None}]
    for given in arguments:
        celery.send_task("content.generate", kwargs=given, queue="one-by-one")
    sender = BatchSender(celery)
    sender.send([Message("content.generate", "together", given) for given in arguments])
    sender.close()
    celery.close()
    pools.reset()

    def sent(queue: str) -> list[dict]:
        messages = [
            json.loads(VARIES.sub("id", raw.decode())) for raw in system.stack.redis.lrange(queue, 0, -1)
        ]
        for message in messages:
            assert message["properties"]["delivery_info"].pop("routing_key") == queue
            message["properties"].pop("reply_to")  # the queue for an answer; our messages ask for none
            message["headers"].pop("origin")
            message["body"] = json.loads(base64.b64decode(message["body"]))
        return messages

    together, one_by_one = sent("together"), sent("one-by-one")
    assert len(together) == 2
    for message in together:
        assert TRACE.fullmatch(message["headers"].pop("traceparent"))
    for ours, theirs in zip(together, one_by_one, strict=True):
        for part in ("body", "headers", "properties"):
            assert ours.pop(part) == theirs.pop(part)
        assert ours == theirs
