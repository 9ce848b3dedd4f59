"""Messages of Celery and of our own publisher are accepted; hardly any others are."""

import base64
import json
from uuid import uuid4

import pytest
from celery import Celery
from hypothesis import given
from hypothesis import strategies as st
from kombu import Connection

from app.core.batch_sender import BatchSender
from app.core.envelope import EnvelopeError, checked
from app.roadmaps import messages

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
BROADCAST = {  # in kombu 5's form
    "body": base64.b64encode(json.dumps({"method": "ping"}).encode()).decode(),
    "content-encoding": "utf-8",
    "content-type": "application/json",
    "headers": {"clock": 1, "expires": 0},
    "properties": {
        "delivery_mode": 2,
        "delivery_info": {"exchange": "celery.pidbox", "routing_key": ""},
        "priority": 0,
        "body_encoding": "base64",
        "delivery_tag": str(uuid4()),
    },
}


def ours():
    with Celery(set_as_current=False) as celery, Connection("memory://") as connection:
        made = messages.generate(uuid4(), "a-request"), messages.store([{"id": "x"}])
        return [BatchSender(celery)._envelope(connection.default_channel, message) for message in made]


def celerys_own():
    with Celery(broker="memory://", set_as_current=False) as celery:
        arguments = {"nonce": "a", "queue": "content"}
        celery.send_task("canary.sing", kwargs=arguments, queue="content", expires=30)
        celery.send_task("content.generate", args=["x"], queue="content")
        channel = celery.connection_for_read().default_channel
        return [channel._get("content") for _ in range(2)]


SENT = [*ours(), *celerys_own(), BROADCAST]


@pytest.mark.parametrize("sent", SENT)
def test_what_is_sent_arrives(sent):
    sent = json.loads(json.dumps(sent))
    found = checked(sent)
    sent["properties"].pop("expiration", None)  # a field for other brokers
    assert {name: found[name] for name in found if name != "headers"} == {
        name: value for name, value in sent.items() if name != "headers"
    }
    if "task" in sent["headers"]:
        assert found["headers"] == sent["headers"]


@pytest.mark.parametrize("sent", SENT)
def test_what_was_handed_back_arrives(sent):
    """The transport marks a message that is delivered again."""
    again = json.loads(json.dumps(sent))
    again["headers"]["redelivered"] = True
    again["properties"]["delivery_info"]["redelivered"] = True
    assert checked(again)["properties"]["delivery_info"]["redelivered"] is True


def paths(message, above=()):
    for name, value in message.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from paths(value, (*above, name))


@given(message=st.sampled_from(SENT), data=st.data())
def test_a_message_with_anything_in_any_place_is_checked_or_refused(message, data):
    """No other exception is raised, and an accepted message has only our fields, in our form."""
    changed = json.loads(json.dumps(message))
    *above, name = data.draw(st.sampled_from(sorted(paths(changed))))
    inner = changed
    for step in above:
        inner = inner[step]
    inner[name] = data.draw(ANYTHING)
    try:
        found = checked(changed)
    except EnvelopeError:
        return
    properties = found["properties"]
    assert isinstance(properties["delivery_tag"], str)
    for place in (found, properties, properties["delivery_info"]):
        assert not [value for value in place.values() if isinstance(value, (list, float))]
    headers = found["headers"] or {}
    assert not [value for value in headers.values() if isinstance(value, (dict, float)) and value]
    assert not any(headers.get("timelimit") or ()), headers


@given(ANYTHING)
def test_anything_at_all_is_refused(message):
    with pytest.raises(EnvelopeError):
        checked(message)


@pytest.mark.parametrize(
    "call", [7, [], {}, "x", [[], {}], ["args", {}, {}], [[], {}, {"chord": 7}], [[], {}, {"chain": ["x"]}]]
)
def test_a_body_that_is_no_call_of_ours_is_refused(call):
    body = base64.b64encode(json.dumps(call).encode()).decode()
    with pytest.raises(EnvelopeError):
        checked(SENT[0] | {"body": body})
