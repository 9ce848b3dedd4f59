"""Forged messages: anybody who can write to Redis can neither run code nor stop a worker."""

import base64
import json
import pickle
from uuid import uuid4

import pytest

from app.roles import unacked_key
from harness import eventually
from scenarios.roadmaps.services import CONTENT, LOGS
from scenarios.settings import QUICK

pytestmark = [pytest.mark.e2e, pytest.mark.once]
RAN = "ran-42000126"  # the code below prints it, but does not contain it
CODE = "print('ran-%d' % (6 * 7 * 1000003), flush=True)"


class Runs:
    """Unpickling it runs the code."""

    def __reduce__(self):
        return eval, (CODE,)


def message(body: bytes, task: str = "content.generate", /, **changes) -> bytes:
    """A message in the form in which kombu puts it into a list."""
    envelope = {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "py", "task": task, "id": str(uuid4()), "root_id": None, "parent_id": None},
        "properties": {
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": "content"},
            "delivery_tag": str(uuid4()),
            "body_encoding": "base64",
        },
    }
    return json.dumps(envelope | changes).encode()


def call(**arguments) -> bytes:
    return json.dumps([[], arguments, {}]).encode()


PICKLED = {"content-type": "application/x-python-serialize", "content-encoding": "binary"}
FORGED = {  # message -> expected line of the worker's log
    "no text": (b"\xff\xfe\x00", "not a message"),
    "no JSON": (b"{'task': 'content.generate'}", "not a message"),
    "a number": (b"7", "not a message"),
    "nothing": (b"null", "not a message"),
    "a list": (b"[]", "not a message"),
    "an empty envelope": (b"{}", "not a message"),
    "nested too deeply": (b"[" * 100_000, "not a message"),
    "no properties": (message(call(roadmap_id="x"), properties=None), "not a message"),
    "no base64": (message(b"", body="%%%"), "[Dd]ecode|not a message|[Pp]adding"),
    "no headers": (message(call(roadmap_id="x"), headers=None), "unknown message"),
    "a pickle": (message(pickle.dumps(Runs()), **PICKLED), "ContentDisallowed|[Rr]efusing|untrusted"),
    "a pickle of a whole call": (
        message(pickle.dumps([[], Runs(), {}]), "canary.sing", **PICKLED),
        "ContentDisallowed|[Rr]efusing|untrusted",
    ),
    "YAML": (
        message(b"!!python/object/apply:os.getpid []", **{"content-type": "application/x-yaml"}),
        "ContentDisallowed|[Rr]efusing|untrusted",
    ),
    "an unknown form": (
        message(b"x", **{"content-type": "application/x-nothing"}),
        "ContentDisallowed|[Rr]efusing|untrusted",
    ),
    "an unknown task": (message(call(), "os.system"), "unregistered task"),
    "an id that is none": (message(call(roadmap_id="'; DROP TABLE users; --")), "badly formed hexadecimal"),
    "other arguments": (message(call(command="id")), "unexpected keyword|TypeError|missing"),
    "a body that is none": (message(b"7"), "not a message"),
}


@pytest.mark.in_turn
@pytest.mark.row(21)
@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_message_is_refused_and_logged(system, kind):
    """Pickles, garbage and unknown tasks: refused with a line in the log, no code runs, the worker goes on."""
    forged, said = FORGED[kind]
    if kind != "no headers":  # Celery drops it with a warning
        system.expect_errors(said, CONTENT)
    node = system.node(CONTENT)
    since = node.log.cursor()
    system.stack.redis.lpush("content", forged)
    line = node.log.wait_for(said, timeout=20, since=since)
    system.faults.note(f"forged message: {kind}", CONTENT, times=1, trace=line.message[:80])
    roadmap = system.api.sign_up().create_roadmap("Rust")
    assert roadmap.wait_until_ended()["status"] == "completed"
    assert RAN not in node.log.text(since)
    assert "REDIS_URL" not in node.log.text(since)  # Redis must not be blamed
    assert node.alive
    kept = ("content", unacked_key("content"))
    eventually(lambda: not system.stack.redis.exists(*kept), timeout=10, what="empty queues")


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([{"id": 7}], "can never be stored"),
        # treated like an event of a deleted roadmap
        ([{"id": str(uuid4()), "request_id": str(uuid4())}], ""),
        (["x"], "can never be stored"),
        ("x", "can never be stored"),
        (None, "raised unexpected: TypeError"),
    ],
    ids=["no id", "no roadmap", "a word", "no list", "nothing"],
)
def test_forged_log_events_are_refused(system, events, said):
    """Invalid events, or events of an unknown roadmap: none of them is stored, and the next ones are."""
    if said:
        system.expect_errors(said, LOGS)
    system.stack.redis.lpush("logs", message(call(events=events), "logs.store"))
    roadmap = system.api.sign_up().create_roadmap("Rust")
    roadmap.wait_until_ended()
    system.check()
    assert system.database.value("SELECT count(*) FROM execution_logs") == roadmap.log_summary()["total"]
    assert system.node(LOGS).alive


ODD = [
    True,
    7,
    -1,
    1.5,
    10**30,
    "",
    "x" * 300,
    "\x00",
    "\ud800",
    [],
    ["x"],
    [["x"]],
    {},
    {"x": ["x"]},
    float("nan"),
]
TASK = json.loads(message(call(roadmap_id=str(uuid4()))))
FIELDS = (
    *((name,) for name in TASK),
    *(
        ("headers", name)
        for name in ("lang", "task", "id", "root_id", "parent_id", "group", "shadow", "origin")
    ),
    *(("headers", name) for name in ("eta", "expires", "timelimit", "retries", "argsrepr", "kwargsrepr")),
    *(
        ("headers", name)
        for name in ("ignore_result", "stamps", "stamped_headers", "group_index", "compression")
    ),
    *(
        ("headers", name)
        for name in ("redelivered", "replaced_task_nesting", "chord", "callbacks", "hostname")
    ),
    *(("properties", name) for name in (*TASK["properties"], "priority", "correlation_id", "reply_to")),
    *(
        ("properties", "delivery_info", name)
        for name in ("exchange", "routing_key", "priority", "redelivered")
    ),
)


def with_odd(field: tuple[str, ...], value) -> str:
    """The message with a wrong value in one field."""
    changed = json.loads(json.dumps(TASK))
    *above, name = field
    inner = changed
    for step in above:
        inner = inner[step]
    inner[name] = value
    return json.dumps(changed)


def without(field: tuple[str, ...]) -> str:
    """The message without one of its fields."""
    changed = json.loads(with_odd(field, None))
    *above, name = field
    inner = changed
    for step in above:
        inner = inner[step]
    del inner[name]
    return json.dumps(changed)


@pytest.mark.row(21)
def test_no_field_of_a_message_ends_a_worker_or_keeps_a_slot(system):
    """Each field of a message is missing or has a wrong value: the worker lives, nothing stays, its slots are free."""
    system.expect_errors("thrown away what is not a message", CONTENT, most=600)
    node = system.node(CONTENT)
    before = node.pid
    forged = [with_odd(field, value) for field in FIELDS for value in [None, *ODD]]
    forged += [without(field) for field in FIELDS]
    forged += [
        json.dumps(TASK | {"body": body}) for body in (base64.b64encode(b"x" * 10).decode(), "[]", "é")
    ]
    bodies = (
        [[], {}, {"callbacks": ["x"]}],
        [[], {}, {"chord": 7}],
        ["args", {}, {}],
        [{}, [], {}],
        [[], {}],
        {"args": []},
    )
    forged += [message(json.dumps(body).encode()).decode() for body in bodies]
    for one in forged:
        system.stack.redis.lpush("content", one)
    roadmaps = [system.api.sign_up().create_roadmap(topic) for topic in ("Rust", "Go", "Zig")]
    assert {roadmap.wait_until_ended()["status"] for roadmap in roadmaps} == {"completed"}
    assert (node.alive, node.pid) == (True, before)
    kept = ("content", unacked_key("content"))
    eventually(lambda: not system.stack.redis.exists(*kept), timeout=20, what="empty queues")
    system.faults.note(
        "forged messages", CONTENT, times=len(forged), trace="each is refused, or does nothing"
    )


@pytest.mark.in_turn
@pytest.mark.stack(env=QUICK, shared=True)
@pytest.mark.parametrize(
    "laid", ["no JSON", "7", "[]", '["x", 7, []]', json.dumps([{}, {}, {}]), json.dumps([TASK, [], []])]
)
def test_what_was_laid_among_the_messages_that_were_taken_goes(system, laid):
    """A worker hands back its unacknowledged messages: an entry that a stranger has put among them is dropped, and the worker lives."""
    system.expect_errors("thrown away what is not a message|Could not restore message", LOGS)
    node = system.node(LOGS)
    keys = unacked_key("logs"), f"{unacked_key('logs')}.index"
    system.stack.redis.hset(keys[0], "forged", laid)
    system.stack.redis.zadd(keys[1], {"forged": 0})
    eventually(lambda: not system.stack.redis.exists(*keys), timeout=90, what="nothing taken")
    assert system.api.sign_up().create_roadmap("Rust").wait_until_ended()["status"] == "completed"
    assert node.alive
