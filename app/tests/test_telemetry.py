"""Spans on their way to a collector: whatever the collector does, it delays nothing for longer than promised."""

import logging
import os
import subprocess
import sys
import time
from contextlib import closing, nullcontext

import pytest

from app.core import collecting, spans, telemetry
from app.core.settings import load_settings
from app.core.spans import Side, span
from app.core.trace_context import parse
from app.core.unusable import UnusableError
from app.tests.otlp_receiver import Receiver
from app.tests.test_settings import environment, problems

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SERVER, CLIENT = 2, 3  # OTLP's numbers
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Without variables of this machine, and without a recorder afterwards."""
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    yield
    spans.record_with(None)


@pytest.fixture
def receiver(socket_enabled):
    with closing(Receiver()) as made, made.served():
        yield made


def settings(address, **more):
    return load_settings(
        environment("celery_content", ENVIRONMENT="development", **{ENDPOINT: address}, **more)
    )


def test_what_is_recorded_arrives_with_its_parents(receiver):
    made = telemetry.start(settings(receiver.address))
    caller = parse([f"00-{TRACE}-00f067aa0ba902b7-01"])
    with span("outer", Side.SERVER, {"a": 1}, parent=caller) as outer, span("inner", Side.CLIENT) as inner:
        inner.name, inner.error = "renamed", "timeout"
        inner.attributes["b"] = "late"
    made.flush()
    arrived = {one.name: one for one in receiver.spans}
    assert (arrived["outer"].trace_id, arrived["outer"].parent_id) == (TRACE, "00f067aa0ba902b7")
    assert arrived["renamed"].parent_id == arrived["outer"].span_id == outer.context.span_id
    assert (arrived["outer"].kind, arrived["renamed"].kind) == (SERVER, CLIENT)
    assert arrived["renamed"].error
    assert not arrived["outer"].error
    assert arrived["renamed"].attributes == {"b": "late", "error.type": "timeout"}
    assert arrived["outer"].service == "roadmap-celery-content"
    assert receiver.paths == ["/v1/traces"]
    made.stop()


def test_what_a_caller_does_not_want_recorded_is_not_but_goes_on(receiver):
    made = telemetry.start(settings(receiver.address))
    caller = parse([f"00-{TRACE}-00f067aa0ba902b7-00"])
    with span("outer", Side.SERVER, parent=caller) as outer:
        assert outer.context.trace_id == TRACE
        assert outer.context.traceparent.endswith("-00")
        assert outer.context.span_id != caller.span_id
    made.stop()
    assert receiver.spans == []


def test_an_exception_is_the_spans_error(receiver):
    made = telemetry.start(settings(receiver.address))
    with pytest.raises(ZeroDivisionError), span("x", Side.CLIENT):
        _ = 1 / 0
    made.stop()
    (arrived,) = receiver.spans
    assert arrived.error
    assert arrived.attributes["error.type"] == "ZeroDivisionError"


def test_what_is_not_flushed_arrives_at_the_end(receiver):
    made = telemetry.start(settings(receiver.address))
    for _ in range(100):
        with span("x", Side.CONSUMER):
            pass
    made.stop()
    assert len(receiver.named("x")) == 100
    with span("after", Side.CONSUMER):
        pass  # no recorder is set, which does no harm


def test_its_key_and_its_name_are_told(receiver):
    more = {"OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b, other=c", "OTEL_SERVICE_NAME": "mine"}
    made = telemetry.start(settings(receiver.address + "/", **more))
    with span("x", Side.CLIENT):
        pass
    made.stop()
    told = {name.lower(): value for name, value in receiver.headers[0].items()}
    assert (told["x-key"], told["other"]) == ("a b", "c")
    assert receiver.spans[0].service == "mine"


@pytest.mark.parametrize("way", ["nobody listens", "never answers", "refuses", "fails"])
def test_a_collector_that_is_away_costs_one_wait_and_is_told_of_once(
    way, socket_enabled, closed_port, caplog
):
    caplog.set_level(logging.INFO)
    took = []
    with (
        closing(Receiver(status={"refuses": 401, "fails": 503}.get(way, 200))) as receiver,
        receiver.served()
        if receiver.status != 200
        else nullcontext(),  # otherwise it listens without an answer
    ):
        address = f"http://127.0.0.1:{closed_port}" if way == "nobody listens" else receiver.address
        made = telemetry.start(settings(address))
        for _ in range(20):
            with span("x", Side.CONSUMER):
                pass
            before = time.perf_counter()
            made.flush()
            took.append(time.perf_counter() - before)
        began = time.perf_counter()
        made.stop()
    assert time.perf_counter() - began < telemetry.STOP_SECONDS + 1
    assert len([seconds for seconds in took if seconds > telemetry.FLUSH_SECONDS / 2]) <= 1
    assert len([r for r in caplog.records if "spans were lost" in r.getMessage()]) <= 1
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


def test_a_collector_that_is_back_is_used_again(receiver, caplog):
    caplog.set_level(logging.INFO)
    receiver.status = 401
    made = telemetry.start(settings(receiver.address))

    def one(name):
        with span(name, Side.CONSUMER):
            pass
        made.flush()

    one("lost")
    receiver.status = 200
    one("found")
    made.stop()
    assert [arrived.name for arrived in receiver.spans] == ["found"]
    told = [r.getMessage() for r in caplog.records if r.name == telemetry.__name__]
    assert len(told) == 2
    assert "lost" in told[0]
    assert "again" in told[1]


def test_where_the_sdk_is_disabled_a_trace_still_goes_on(receiver, monkeypatch):
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    made = telemetry.start(settings(receiver.address))
    with span("x", Side.SERVER) as outer:
        assert parse([outer.context.traceparent])
    made.stop()
    assert receiver.spans == []


def test_without_a_collector_nothing_of_it_is_imported():
    program = """
import sys
import app.celery_command, celery.bin.celery, celery.apps.worker, app.main, app.core.celery_app, app.tasks.content, app.tasks.logs, app.core.collecting
unwanted = ("opentelemetry.sdk", "opentelemetry.exporter", "google.protobuf")
found = [name for name, module in sys.modules.items() if module and name.startswith(unwanted)]
sys.exit(", ".join(found) or 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | environment("celery_content"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (0, [])


def test_where_the_packages_are_missing_the_role_says_so(monkeypatch):
    def nowhere(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(collecting, "find_spec", nowhere)
    with pytest.raises(UnusableError, match="--group telemetry"):
        collecting.check(settings("http://collector:4318"))
    collecting.check(load_settings(environment("celery_content")))  # without a collector nothing is checked


@pytest.mark.parametrize(
    "address",
    [
        *(
            "collector:4318",
            "grpc://collector:4317",
            "http://",
            "http://:4318",
            "http://c:99999",
            "http://c:x",
        ),
        *("http://c:4318/v1/traces", "http://c:4318/v1/traces/", "http://c:4318?a=b", "http://c:4318#x"),
        *("http://user:secret-of-his@c:4318", "http://c c:4318", "http://[::1:4318", "//c:4318"),
    ],
)
def test_an_address_that_cannot_be_a_collectors_is_refused(address):
    (told,) = problems("api", **{ENDPOINT: address}).values()
    assert "secret-of-his" not in told


@pytest.mark.parametrize(
    "address", ["http://collector:4318", "https://otlp.example.com/otlp", "http://[::1]:4318", "http://c/"]
)
def test_an_address_of_a_collector_is_taken(address):
    assert load_settings(environment("api", **{ENDPOINT: address})).otel_exporter_otlp_endpoint == address


@pytest.mark.parametrize(
    "text", ["key", "=of-nothing", "a=1,,b=2", "a b=1", "a=1 2", "ключ=1", "a=", "a=1\r\nx: y"]
)
def test_headers_that_are_none_are_refused_and_not_shown(text):
    (told,) = problems("api", OTEL_EXPORTER_OTLP_HEADERS=text).values()
    assert text not in told
