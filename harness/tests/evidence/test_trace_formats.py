"""The same evidence for tools that people have: each file is one that they take, whatever the evidence is."""

import base64
import json
from itertools import pairwise

import jsonschema
import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from typer.testing import CliRunner

from harness.cli import app
from harness.evidence.evidence_folder import EvidenceFolder
from harness.evidence.redaction import Redactor
from harness.evidence.trace.form import Form
from harness.evidence.trace.moment import CLIENT, TASKS, Moment
from harness.evidence.trace.moments import moments, timeline
from harness.evidence.trace.otlp import otlp_json
from harness.evidence.trace.perfetto import chrome_trace
from harness.evidence.trace.rows import in_rows
from harness.evidence.trace.trace_file import write_moments
from harness.tests.evidence.history import SOUND

ABOUT = {"promise": "Nothing is lost.", "tier": "starter"}
# Of the Trace Event Format, what our events have.
PLACE = {
    "pid": {"type": "integer"},
    "tid": {"type": "integer"},
    "name": {"type": "string"},
    "args": {"type": "object"},
}
TIME = {
    "ts": {"type": "number", "minimum": 0},
    "cat": {"type": "string"},
    "cname": {"enum": ["bad", "terrible"]},
}


def event(phase, **more):
    needed = ["name", "ph", "pid", "tid", *(() if phase == "M" else ["ts"]), *more]
    known = {"ph": {"const": phase}, **PLACE, **({} if phase == "M" else TIME), **more}
    return {"type": "object", "properties": known, "required": needed, "additionalProperties": False}


SCHEMA = {
    "type": "object",
    "required": ["traceEvents"],
    "properties": {
        "displayTimeUnit": {"enum": ["ms", "ns"]},
        "otherData": {"type": "object", "additionalProperties": {"type": "string"}},
        "traceEvents": {
            "type": "array",
            "items": {
                "oneOf": [
                    event("M"),
                    event("X", dur={"type": "number", "exclusiveMinimum": 0}),
                    event("i", s={"enum": ["t", "p", "g"]}),
                    event("s", id={"type": "integer"}),
                    event("f", id={"type": "integer"}, bp={"const": "e"}),
                ]
            },
        },
    },
}


def chrome(found, began=1000.0):
    made = json.loads(chrome_trace(found, began, "t.py::one", ABOUT))
    jsonschema.validate(made, SCHEMA)
    return made["traceEvents"]


def otlp(found, began=1000.0):
    """Read as a collector does: no field that is not there, ids in hexadecimal."""
    made = json.loads(otlp_json(found, began, "t.py::one", ABOUT))
    return json_format.ParseDict(_in_base64(made), ExportTraceServiceRequest())


def _in_base64(value):
    """Protobuf's own JSON has bytes so; OTLP/JSON has its ids otherwise."""
    if isinstance(value, list):
        return [_in_base64(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: base64.b64encode(bytes.fromhex(one)).decode()
        if name in {"traceId", "spanId", "parentSpanId"}
        else _in_base64(one)
        for name, one in value.items()
    }


def spans(request):
    return [
        span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans
    ]


TEXT = st.text(max_size=20)
MOMENTS = st.lists(
    st.builds(
        lambda lane, at, took, text, level, ids, detail: Moment(
            lane, at, at + took, text, level, tuple(ids), detail
        ),
        st.sampled_from(["client", "tasks", "api"]) | TEXT,
        st.floats(0, 100),
        st.just(0.0) | st.floats(0, 5),
        TEXT,
        st.sampled_from(["", "warning", "bad"]),
        st.lists(st.sampled_from(["a", "b"]), max_size=2),
        st.dictionaries(TEXT, TEXT | st.floats() | st.none(), max_size=2),
    ),
    max_size=12,
).map(lambda found: sorted(found, key=lambda moment: (moment.at, moment.until)))


@settings(deadline=None)  # the library of the messages is imported by the first
@given(MOMENTS)
def test_whatever_happened_both_files_are_what_their_tools_take(found):
    events = chrome(found)
    assert len([one for one in events if one["ph"] in {"X", "i"}]) == len(found)
    request = otlp(found)
    told = sum(len(span.events) for span in spans(request)) + len(spans(request))
    lanes = {moment.lane for moment in found}
    assert told == len(found) + len(lanes) + 1
    for span in spans(request):
        assert span.start_time_unix_nano <= span.end_time_unix_nano
        assert (len(span.trace_id), len(span.span_id)) == (16, 8)
    own = [span.span_id for span in spans(request)]
    assert len(own) == len(set(own))
    assert {span.parent_span_id for span in spans(request)} <= {b"", *own}


@settings(deadline=None)  # the library of the messages is imported by the first
@given(MOMENTS)
def test_within_a_row_nothing_overlaps_what_does_not_hold_it(found):
    rows = in_rows(found)
    assert sorted(map(id, (moment for row in rows for moment in row))) == sorted(map(id, found))
    for row in rows:
        for place, one in enumerate(row):
            for other in row[place + 1 :]:
                assert other.at >= one.until or other.until <= one.until


def test_the_way_of_a_request_leads_over_lanes():
    found = [
        Moment(CLIENT, 0.0, 0.1, "POST /orders", ids=("7",)),
        Moment(TASKS, 0.2, 0.9, "pack: received", ids=("7", "t")),
        Moment("provider sink", 0.3, 0.4, "a call", ids=("7",)),
    ]
    events = chrome(found)
    arrows = [one for one in events if one["ph"] in {"s", "f"}]
    assert [one["ph"] for one in arrows] == ["s", "f"] * 2
    for out, into in zip(arrows[::2], arrows[1::2], strict=True):
        assert out["id"] == into["id"]
        assert out["pid"] != into["pid"]
    for one, other in pairwise(arrows):
        assert one["ts"] <= other["ts"]


def test_times_are_those_of_the_clock():
    found, began = timeline(SOUND, ["order"])
    assert found == moments(SOUND, ["order"])
    first = min(span.start_time_unix_nano for span in spans(otlp(found, began)))
    assert first == int(began * 1e9)


def test_nothing_at_all_is_an_empty_trace_and_no_error():
    assert chrome([]) == []
    (root,) = spans(otlp([]))
    assert root.name == "t.py::one"


def test_the_trace_of_the_application_is_named():
    found = [Moment("api", 0.0, 0.0, "taken", detail={"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"})]
    (told,) = [event for span in spans(otlp(found)) for event in span.events]
    named = {one.key: one.value.string_value for one in told.attributes}
    assert named["application.trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("form", ["perfetto", "otlp"])
def test_the_command_writes_it_beside_the_evidence(tmp_path, form):
    folder = tmp_path / "run" / "test_one"
    EvidenceFolder(folder, Redactor(SOUND.secrets)).save(SOUND)
    done = CliRunner().invoke(app, ["trace", str(folder), "--format", form])
    written = folder / f"trace.{form}.json"
    assert (done.exit_code, done.stdout) == (0, f"{written}\n"), done.output
    assert json.loads(written.read_text())
    assert not (folder / "trace.html").exists()
    assert CliRunner().invoke(app, ["trace", str(folder), "--format", "pdf"]).exit_code == 2


def test_what_is_broken_is_written_as_far_as_it_goes(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "api.log").write_text('{"message": "x", "time": "no time"}\nnot json\n')
    (tmp_path / "journal.ndjson").write_text('{"kind": "call"\n')
    for form in (Form.PERFETTO, Form.OTLP):
        json.loads(write_moments(tmp_path, form).read_text())


def test_a_page_alone_can_be_shown(tmp_path):
    done = CliRunner().invoke(app, ["trace", str(tmp_path), "--open", "--format", "otlp"])
    assert done.exit_code == 2
    assert "--format" in done.output
