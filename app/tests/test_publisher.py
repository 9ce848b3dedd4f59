import threading
from collections.abc import Sequence

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from app.core.batch_sender import Message
from app.core.publisher import BATCH, Publisher, merged


class Broker:
    """The part of a sender that a publisher uses."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.sendings: list[int] = []
        self.open = threading.Event()
        self.open.set()
        self.taken = threading.Event()
        self.closed = False
        self.refusal: Exception = ConnectionError()

    def send(self, messages: Sequence[Message]) -> None:
        self.taken.set()
        assert self.open.wait(5)
        if any(m.arguments.get("refuse") for m in messages):
            raise self.refusal
        self.sendings.append(len(messages))
        self.sent += [f"{m.queue}:{m.task}" for m in messages]

    def close(self) -> None:
        self.closed = True


def message(name: str, **arguments: object) -> Message:
    return Message(name, "content", arguments)


def test_messages_go_out_in_order_and_a_refused_one_stops_nothing():
    broker = Broker()
    publisher = Publisher(broker)
    publisher.start()
    for offered in (message("a"), message("b", refuse=True), message("c")):
        broker.taken.clear()
        assert publisher.offer(offered)
        assert broker.taken.wait(5)
    publisher.close(5)
    assert broker.sent == ["content:a", "content:c"]
    assert (publisher.published, publisher.dropped, broker.closed) == (2, 1, True)


def test_a_hanging_broker_blocks_nobody():
    broker = Broker()
    broker.open.clear()
    publisher = Publisher(broker, capacity=1)
    publisher.start()
    assert publisher.offer(message("taken"))
    assert broker.taken.wait(5)
    assert publisher.offer(message("waiting"))
    assert not publisher.offer(message("too many"))
    assert publisher.dropped == 1
    broker.open.set()
    publisher.close(5)
    assert broker.sent == ["content:taken", "content:waiting"]


def test_messages_in_quick_succession_share_a_sending(monkeypatch):
    monkeypatch.setattr("app.core.publisher.PAUSE_SECONDS", 0.3)
    broker = Broker()
    publisher = Publisher(broker)
    publisher.start()
    for name in ("first", "second", "third"):
        broker.taken.clear()
        publisher.offer(message(name))
        if name == "first":
            assert broker.taken.wait(5)
    publisher.close(5)
    assert broker.sendings == [1, 2]


def batch(*events: int) -> Message:
    return Message("store", "logs", {"events": list(events)}, batch="events")


def test_what_can_be_merged_is_one_message_and_the_rest_keeps_its_place():
    first, second = message("generate", id=1), message("generate", id=2)
    given = [batch(1), first, batch(2, 3), second, batch(4)]
    assert [m.arguments for m in merged(given)] == [{"events": [1, 2, 3, 4]}, {"id": 1}, {"id": 2}]
    assert given[0].arguments == {"events": [1]}


def test_a_batch_that_is_full_is_followed_by_another():
    sizes = [len(m.arguments["events"]) for m in merged([batch(n) for n in range(BATCH + 5)])]
    assert sizes == [BATCH, 5]


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (
            ResponseError("NOREPLICAS Not enough good replicas to write."),
            "Redis refuses writes: fewer replicas",
        ),
        (RedisConnectionError("Connection closed by server."), "Redis closed the connection"),
        (ValueError("hunter2"), "the sweeper will: ValueError"),
    ],
)
def test_what_keeps_a_message_back_is_said_in_words_for_an_operator(caplog, refusal, said):
    broker = Broker()
    broker.refusal = refusal
    publisher = Publisher(broker)
    publisher.published = 1
    publisher.start()
    publisher.offer(message("a", refuse=True))
    publisher.close(5)
    assert said in caplog.text
    assert "hunter2" not in caplog.text
