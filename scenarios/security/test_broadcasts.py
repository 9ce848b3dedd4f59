"""Remote control of the workers, by anybody who can write to Redis or knows Flower's password: it can read, and nothing else."""

import json
import os
from uuid import uuid4

import httpx
import pytest
from celery import Celery
from celery.worker.control import Panel

from harness import eventually
from scenarios.controls.safeties import OBEYS_SHUTDOWN
from scenarios.roadmaps import flower
from scenarios.roadmaps.services import API, CONTENT, FLOWER, LOGS

pytestmark = [pytest.mark.e2e, pytest.mark.once]
WORKERS = (CONTENT, LOGS)
LOOKS = {"ping", "clock", "stats", "conf", "active", "active_queues", "registered"}
LOOKS |= {"reserved", "revoked", "scheduled", "query_task"}
TOLD = {"enable_events"}  # Flower's, for every worker: the harness has given it already
WORST = {  # the strongest form of each command that changes something
    "shutdown": {},
    "pool_shrink": {"n": 100},
    "pool_grow": {"n": 500},
    "pool_restart": {"modules": ["os"], "reload": True},
    "autoscale": {"max": 0, "min": 0},
    "add_consumer": {"queue": "nothing"},
    "cancel_consumer": {"queue": "content"},
    "rate_limit": {"task_name": "content.generate", "rate_limit": "1/h"},
    "time_limit": {"task_name": "content.generate", "hard": 0.001, "soft": 0.001},
    "revoke": {"task_id": ["x"], "terminate": True, "signal": "KILL"},
    "terminate": {"task_id": ["x"], "signal": "KILL"},
    "revoke_by_stamped_headers": {"headers": {"x": ["y"]}, "terminate": True},
    "election": {"id": "x", "topic": "task", "action": {"task": "x"}},
    "hello": {"from_node": "x", "revoked": {"x": 1}},
    "disable_events": {},
}


def celery(system):
    return Celery("scenario", broker=system.stack.servers.redis_url, set_as_current=False)


def alive(system, before):
    """Check that both workers live, in the same processes as before, and work."""
    assert {name: system.node(name).pid for name in WORKERS if system.node(name).alive} == before
    assert system.api.sign_up().create_roadmap("Rust").wait_until_ended()["status"] == "completed"


def pids(system):
    return {name: system.node(name).pid for name in WORKERS}


def test_every_order_but_a_look_is_refused(system):
    """Every command that Celery has, and one that it has not: those that do something are refused and logged, and answer so."""
    before = pids(system)
    orders = sorted({*Panel.data, "os.system"} - LOOKS - TOLD - {meta.alias for meta in Panel.meta.values()})
    assert {"shutdown", "pool_shrink", "cancel_consumer"} <= set(orders)
    assert set(WORST) <= set(orders)
    with celery(system) as broker:
        for order in orders:
            since = system.node(CONTENT).log.cursor()
            broker.control.broadcast(order, arguments=WORST.get(order, {}))
            line = system.node(CONTENT).log.wait_for(
                f"refused the remote command '{order}'", timeout=20, since=since
            )
            assert line.fields["level"] == "warning"
        answers = eventually(
            lambda: broker.control.broadcast("shutdown", reply=True, timeout=2), timeout=20, what="an answer"
        )
        assert {text for answer in answers for said in answer.values() for text in said.values()} == {
            "shutdown is refused: remote control may only look"
        }
    alive(system, before)


def test_who_looks_is_answered(system):
    """What Flower and an operator ask for is answered by both workers."""
    with celery(system) as broker:
        for look in sorted(LOOKS):
            arguments = {"ids": ["x"]} if look == "query_task" else {}
            answers = eventually(
                lambda look=look, arguments=arguments: (
                    found
                    if len(
                        found := broker.control.broadcast(look, arguments=arguments, reply=True, timeout=2)
                    )
                    == 2
                    else None
                ),
                timeout=30,
                what=f"two answers to {look}",
            )
            assert "refused" not in json.dumps(answers)


ODD = [None, True, 7, 1.5, "", "x", "\x00", "\ud800", "x" * 300, [], ["x"], [["x"]], {}, {"x": ["x"]}]


def broadcasts():
    """Messages that anybody who can write to Redis may publish to the workers."""
    order = {"method": "ping", "arguments": {}, "destination": None, "pattern": None, "matcher": None}
    order |= {"ticket": "t", "reply_to": {"exchange": "reply.celery.pidbox", "routing_key": "r"}}
    envelope = {
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"clock": 1, "expires": 0},
        "properties": {
            "delivery_mode": 2,
            "delivery_info": {"exchange": "celery.pidbox", "routing_key": ""},
            "priority": 0,
            "delivery_tag": str(uuid4()),
        },
    }
    for name in (*order, "self", "state"):
        for value in ODD:
            yield json.dumps(envelope | {"body": json.dumps(order | {name: value})})
    for arguments in ({"state": 1}, {"ids": [[]]}, {"ids": 7}, {"nonsense": {}}):
        for method in ("ping", "query_task", "registered", "conf", "stats", "enable_events"):
            yield json.dumps(
                envelope | {"body": json.dumps(order | {"method": method, "arguments": arguments})}
            )
    for name in envelope:
        for value in ODD:
            yield json.dumps(envelope | {"body": json.dumps(order), name: value})
    for name in ("clock", "expires", "ticket", "compression"):
        for value in [*ODD, 10**4000, -(10**4000), "application/x-gzip"]:
            yield json.dumps(envelope | {"body": json.dumps(order), "headers": {name: value}})
    slow = order | {"matcher": "pcre", "pattern": "^(([a-z0-9@.-])+.)+\\d$"}
    yield json.dumps(envelope | {"body": json.dumps(slow)})
    yield from (
        "7",
        "null",
        "[]",
        "{}",
        "{",
        "\xff\xfe",
        "[" * 100_000,
        json.dumps(envelope | {"body": "[" * 100_000}),
    )


def test_no_broadcast_ends_a_worker_or_stops_its_ear(system):
    """Invalid broadcasts, commands with odd arguments, reply addresses without a listener: both workers live, and answer the next command."""
    system.expect_errors(
        "pidbox command error|thrown away what is not a message|Can't decode message body",
        CONTENT,
        LOGS,
        most=150,
    )
    before = pids(system)
    number = system.stack.redis.connection_pool.connection_kwargs.get("db", 0)
    heard = max(system.stack.redis.publish(f"/{number}.celery.pidbox", one) for one in broadcasts())
    assert heard == 2
    alive(system, before)
    with celery(system) as broker:
        eventually(
            lambda: len(broker.control.broadcast("ping", reply=True, timeout=2)) == 2,
            timeout=40,
            what="an answer of both",
        )
    alive(system, before)


@pytest.mark.stack(env=OBEYS_SHUTDOWN.environment, spawned=True)
def test_a_worker_that_nobody_told_to_end_has_not_ended_well(system):
    """If a worker obeyed, or ended for any other reason, Railway would not take its exit code for a finished job."""
    system.expect_errors("ends though no signal has told it to", LOGS)
    system.leave_down(LOGS)
    node = system.node(LOGS)
    with celery(system) as broker:
        eventually(
            lambda: broker.control.broadcast("shutdown", pattern="logs@*", matcher="glob") or not node.alive,
            timeout=30,
            what="the worker's end",
        )
    eventually(lambda: not node.alive, timeout=30, what="the worker's end")
    assert node.returncode == os.EX_UNAVAILABLE


def test_a_worker_that_was_told_to_end_has_ended_well(system):
    """A worker that a platform's signal ends has the exit code of success."""
    node = system.node(LOGS)
    assert node.stop(40) == 0
    node.start()


@pytest.mark.stack(omit=(), start=(API, CONTENT, FLOWER))
def test_flower_looks_and_gives_no_orders(system):
    """Who knows Flower's password sees what it shows; its orders are refused, and no button offers one."""
    orders = (
        *(
            "worker/shutdown/{}",
            "worker/pool/restart/{}",
            "worker/pool/grow/{}?n=1",
            "worker/pool/shrink/{}?n=9",
        ),
        *("worker/pool/autoscale/{}?min=0&max=0", "worker/queue/cancel-consumer/{}?queue=content"),
        *("worker/queue/add-consumer/{}?queue=x", "task/revoke/x?terminate=true", "task/abort/x"),
        *(
            "task/timeout/content.generate?workername={}&hard=1",
            "task/rate-limit/content.generate?workername={}&ratelimit=1",
        ),
        *(
            "task/apply/content.generate",
            "task/async-apply/content.generate",
            "task/send-task/content.generate",
        ),
    )
    before = system.node(CONTENT).pid
    credentials = tuple(flower.credentials(system.stack).split(":"))
    with httpx.Client(
        base_url=system.stack.substrate.url(FLOWER), trust_env=False, timeout=20, auth=credentials
    ) as browser:
        worker = eventually(
            lambda: next(iter(browser.get("/api/workers?refresh=1").json()), None),
            timeout=30,
            what="a worker",
        )
        page = browser.get(f"/worker/{worker}")
        assert page.status_code == 200
        assert "Worker details" in page.text
        buttons = ("worker-shutdown", "worker-pool-shrink", "worker-pool-restart", "worker-cancel-consumer")
        assert not [button for button in buttons if button in page.text]
        for order in orders:
            answer = browser.post(f"/api/{order.format(worker)}", json={"args": ["x"]})
            assert answer.status_code == 403, (order, answer.status_code, answer.text)
    assert system.node(CONTENT).alive
    assert system.node(CONTENT).pid == before
    assert system.api.sign_up().create_roadmap("Rust").wait_until_ended()["status"] == "completed"
    system.node(LOGS).start()  # who stores what was logged meanwhile
