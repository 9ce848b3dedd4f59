"""A request's trace: from its caller through API, message and worker to the provider, in the log and at a collector."""

from contextlib import closing
from uuid import uuid4

import psutil
import pytest

from app.core.trace_context import parse
from app.tests.otlp_receiver import Receiver
from harness import eventually
from scenarios.functions.collector import COLLECTOR
from scenarios.material import curriculum
from scenarios.roadmaps.services import API, CONTENT, LOGS
from scenarios.settings import QUICK

pytestmark = [pytest.mark.e2e, pytest.mark.needs("pids")]


COLLECTING = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{COLLECTOR.number}"}
COLLECTED = QUICK | COLLECTING
# Celery may take five seconds to replace an ended child; more children at once would fork too often. Nothing is sent again meanwhile.
ONE_TASK_EACH = COLLECTING | {"CELERY_MAX_TASKS_PER_CHILD": "1", "CELERY_LOGS_CONCURRENCY": "2"}
ASK, GENERATE, STORE = "POST /api/v1/roadmaps", "content.generate", "logs.store"
BODY = {"topic": "Rust"}


@pytest.fixture
def collector():
    with closing(Receiver(COLLECTOR.number)) as receiver, receiver.served():
        yield receiver


def ask(user, traceparent=None):
    """Ask for a roadmap within a caller's trace; returns the roadmap's id."""
    headers = {"Idempotency-Key": uuid4().hex} | ({"traceparent": traceparent} if traceparent else {})
    return user.expect(202, "POST", "/api/v1/roadmaps", json=BODY, headers=headers).json()["id"]


def ended(user, roadmap):
    path = f"/api/v1/roadmaps/{roadmap}/status"
    eventually(
        lambda: user.expect(200, "GET", path).json()["status"] == "completed", timeout=30, what="a roadmap"
    )


def traceparent():
    return f"00-{uuid4().hex}-{uuid4().hex[:16]}-01"


def test_the_callers_trace_is_gone_on_with_as_far_as_the_provider(system):
    """Without any collector: the caller's trace id stands in each role's log, and in each call of the provider."""
    user, given = system.api.sign_up(), traceparent()
    roadmap = ask(user, given)
    ended(user, roadmap)
    trace = parse([given]).trace_id
    assert {call.trace for call in system.openai.calls()} == {trace}
    for name in (API, CONTENT):
        assert trace in {line.get("trace_id") for line in system.log_lines(name, roadmap_id=roadmap)}
    assert {line["trace_id"] for line in system.log_lines(CONTENT, roadmap_id=roadmap)} == {trace}


@pytest.mark.parametrize(
    "given", ["nonsense", f"00-{'0' * 32}-{'1' * 16}-01", f"ff-{'1' * 32}-{'1' * 16}-01"]
)
def test_a_trace_that_cannot_be_read_is_replaced_by_one_of_ours(system, given):
    """A malformed traceparent harms nothing: the request has a trace of its own, the same everywhere."""
    user = system.api.sign_up()
    roadmap = ask(user, given)
    ended(user, roadmap)
    (trace,) = {call.trace for call in system.openai.calls()}
    assert len(trace) == 32
    assert trace not in {"0" * 32, "1" * 32}
    assert {line["trace_id"] for line in system.log_lines(CONTENT, roadmap_id=roadmap)} == {trace}


@pytest.mark.stack(env=ONE_TASK_EACH)
def test_a_pool_child_that_gives_way_loses_no_span(system, collector):
    """Every task has a child of its own, which ends with it: each span arrives, below the one that caused it."""
    system.openai.on(step="curriculum").reply(curriculum("a"))
    user = system.api.sign_up()
    given = [traceparent() for _ in range(2)]  # with their events about ten tasks
    for roadmap in [ask(user, one) for one in given]:
        ended(user, roadmap)
    for one in given:
        trace = parse([one])
        own = eventually(
            lambda trace=trace: _whole(collector, trace.trace_id, system), timeout=10, what=f"spans of {one}"
        )
        assert own[ASK].parent_id == trace.span_id
        assert own[GENERATE].parent_id == own[ASK].span_id
        assert {span.service for span in own.values()} == {API, CONTENT}
    traces = {parse([one]).trace_id for one in given}
    stored = eventually(lambda: _stored(collector, traces), timeout=20, what="spans of what stores events")
    assert {span.service for span in stored} == {LOGS}
    system.stack.wait_until_idle()  # while the collector still listens: without one each task waits for it


def _stored(collector, traces):
    """The spans that stored events of these traces, once each trace has some."""
    own = [span for span in collector.named(STORE) if traces & {span.trace_id, *span.links}]
    return own if {trace for span in own for trace in (span.trace_id, *span.links)} >= traces else None


def _whole(collector, trace, system):
    """The spans of a trace by name, once each call of the provider has one below its task's span."""
    own = [span for span in collector.spans if span.trace_id == trace]
    by_name = {span.name: span for span in own}
    calls = [span for span in own if span.name.startswith("chat ")]
    asked = [call for call in system.openai.calls() if call.trace == trace]
    if not {ASK, GENERATE} <= by_name.keys() or len(calls) != len(asked):
        return None
    assert {span.parent_id for span in calls} == {by_name[GENERATE].span_id}
    return {name: by_name[name] for name in (ASK, GENERATE)}


@pytest.mark.needs("hurt")
@pytest.mark.stack(env=COLLECTED | {"CELERY_CONTENT_CONCURRENCY": "2"})
def test_a_pool_child_that_is_killed_takes_no_ended_span_along(system, collector):
    """Children are killed all the time: whatever had ended before is at the collector, and so is what was done again."""
    system.expect_errors_while_hurt("WorkerLostError|exited with", CONTENT, most=60)
    user = system.api.sign_up()
    given = [traceparent() for _ in range(6)]
    roadmaps = [ask(user, one) for one in given]
    worker = psutil.Process(system.node(CONTENT).pid)
    with system.faults.by_hand("Children killed", CONTENT) as felt:
        killed = 0
        while killed < 8:
            for child in worker.children():
                child.kill()
                killed += 1
            system.openai.wait_for(len(system.openai.calls()) + 1)
        felt(f"{killed} children killed")
    for roadmap in roadmaps:
        ended(user, roadmap)
    for one in given:
        trace = parse([one]).trace_id
        eventually(
            lambda trace=trace: [
                span for span in collector.named(GENERATE) if span.trace_id == trace and not span.error
            ],
            timeout=10,
            what=f"the span of the attempt that came to its end, of {one}",
        )


@pytest.mark.stack(env=COLLECTED)
def test_a_collector_that_is_away_keeps_nothing_from_being_written(system):
    """Nobody listens where spans shall go: roadmaps are written in their time, and each role says so once."""
    user = system.api.sign_up()
    for _ in range(3):
        ended(user, ask(user))
    told = [line for line in system.log_lines(CONTENT) if "spans were lost" in line["message"]]
    assert all(line["level"] == "warning" for line in told)
