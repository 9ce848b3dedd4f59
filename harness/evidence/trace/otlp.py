"""The moments of a scenario as OTLP/JSON, for collectors, Jaeger, Tempo and similar tools.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ids in hexadecimal, 64-bit numbers as text. The scenario is a trace of its
own; a moment that has an id of the application's own trace names it in the attribute `application.trace_id`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from harness.evidence.trace.moment import BAD, Moment

NANOSECONDS = 1_000_000_000
INTERNAL, ERROR = 1, 2  # Span.SpanKind and Status.StatusCode of opentelemetry-proto
LONGEST_NAME = 120
TRACES = ("trace_id", "trace")  # fields of a log line, and of a provider's call


def otlp_json(found: Sequence[Moment], began: float, scenario: str, about: Mapping[str, str]) -> str:
    """The file's text: an ExportTraceServiceRequest. Each lane is a service; a moment without duration is an event of its lane's span.

    Args:
        found: moments of a scenario, in seconds since it began.
        began: when that was, in seconds since the epoch.
        scenario: its name.
        about: what else is known of it.
    """
    trace = _id(32, scenario, f"{began:.6f}")
    lanes: dict[str, list[Moment]] = {}
    for moment in found:
        lanes.setdefault(moment.lane, []).append(moment)
    ends = max((moment.until for moment in found), default=0.0)
    root = _span(trace, "", _id(16, trace, "root"), scenario, _times(began, 0.0, ends))
    root["attributes"] = _attributes(about)
    resources = [_resource("scenario", [root])]
    for lane, own in lanes.items():
        first, last = min(moment.at for moment in own), max(moment.until for moment in own)
        above = _span(trace, root["spanId"], _id(16, trace, lane), lane, _times(began, first, last))
        above["events"] = [_instant(moment, began) for moment in own if moment.until <= moment.at]
        lasting = [moment for moment in own if moment.until > moment.at]
        spans = [
            _lasting(moment, trace, above["spanId"], number, began) for number, moment in enumerate(lasting)
        ]
        resources.append(_resource(lane, [above, *spans]))
    return json.dumps({"resourceSpans": resources}, ensure_ascii=False)


def _id(digits: int, *parts: str) -> str:
    """An id that is the same for the same evidence each time."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:digits]


def _resource(name: str, spans: list[dict[str, Any]]) -> dict[str, Any]:
    about = {"attributes": _attributes({"service.name": name})}
    return {"resource": about, "scopeSpans": [{"scope": {"name": "celery-harness"}, "spans": spans}]}


def _times(began: float, at: float, until: float) -> dict[str, str]:
    return {"startTimeUnixNano": _nano(began + at), "endTimeUnixNano": _nano(began + until)}


def _nano(seconds: float) -> str:
    return str(max(int(seconds * NANOSECONDS), 0))


def _span(trace: str, parent: str, own: str, name: str, times: Mapping[str, str]) -> dict[str, Any]:
    above = {"parentSpanId": parent} if parent else {}
    return {"traceId": trace, "spanId": own, **above, "name": name, "kind": INTERNAL, **times}


def _lasting(moment: Moment, trace: str, parent: str, number: int, began: float) -> dict[str, Any]:
    own = _id(16, parent, str(number))
    name = moment.text.partition("\n")[0][:LONGEST_NAME]
    span = _span(trace, parent, own, name, _times(began, moment.at, moment.until))
    span["attributes"] = _told(moment)
    if moment.level == BAD:
        span["status"] = {"code": ERROR, "message": name}
    return span


def _instant(moment: Moment, began: float) -> dict[str, Any]:
    name = moment.text.partition("\n")[0][:LONGEST_NAME]
    return {"timeUnixNano": _nano(began + moment.at), "name": name, "attributes": _told(moment)}


def _told(moment: Moment) -> list[dict[str, Any]]:
    known = {"text": moment.text, "level": moment.level or "good", "ids": " ".join(moment.ids)}
    known["detail"] = json.dumps(moment.detail, default=str, ensure_ascii=False)
    theirs = next((str(moment.detail[name]) for name in TRACES if moment.detail.get(name)), "")
    return _attributes(known | ({"application.trace_id": theirs} if theirs else {}))


def _attributes(known: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"key": name, "value": {"stringValue": value}} for name, value in known.items()]
