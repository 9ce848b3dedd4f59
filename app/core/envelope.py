"""The form that a message in Redis must have: exactly that of our own messages.

Anybody who can write to Redis can write anything, and Celery reads it in the worker's main process. Unknown fields are dropped; a known
field of another form makes the message invalid: a list cannot be looked up as a tag, a time limit kills the working child, a delivery
time keeps the message from every worker, and compressed data may be of any size.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any

from app.core.batch_sender import LINKS
from app.core.trace_context import TRACEPARENT, TRACESTATE, of_headers, parse

JSON = "application/json"
LONGEST = 255  # characters of a name
MOST_LINKS = 100  # traces of one message's causes: as many as it has events


class EnvelopeError(ValueError):
    """It is not one of our messages; says why, and quotes nothing of it."""


Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST and value.isascii() and value.isprintable()


def _name_or_none(value: Any) -> bool:
    """Celery also writes an empty text for no name."""
    return value is None or value == "" or _name(value)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LONGEST


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _nothing(value: Any) -> bool:
    return not value or value == [None, None]


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


_ENVELOPE: Mapping[str, Check] = {
    "body": _or_none(_text),
    "content-type": _name_or_none,
    "content-encoding": _name_or_none,
    "headers": _or_none(lambda value: isinstance(value, dict)),
    "properties": lambda value: isinstance(value, dict),
}
_PROPERTIES: Mapping[str, Check] = {
    "delivery_tag": _name,
    "delivery_info": lambda value: isinstance(value, dict),
    "delivery_mode": _or_none(_count),
    "body_encoding": _or_none(lambda value: value == "base64"),
    "priority": _or_none(_count),
    "correlation_id": _name_or_none,
    "reply_to": _name_or_none,
}
_DELIVERY: Mapping[str, Check] = {
    "exchange": _name_or_none,
    "routing_key": _name_or_none,
    "redelivered": _flag,
}
_HEADERS: Mapping[str, Check] = {
    "lang": _name_or_none,
    "task": _name,
    "id": _name,
    "root_id": _name_or_none,
    "parent_id": _name_or_none,
    "origin": _or_none(_text),
    "argsrepr": _or_none(_text),
    "kwargsrepr": _or_none(_text),
    "expires": _name_or_none,
    "retries": _count,
    "ignore_result": _or_none(_flag),
    "redelivered": _flag,
    # Our messages never have these: delayed work waits in the database, and time limits come from the settings.
    **dict.fromkeys(("eta", "timelimit", "group", "shadow", "stamps", "stamped_headers"), _nothing),
    **dict.fromkeys(("group_index", "replaced_task_nesting", "compression"), _nothing),
}


def checked(message: Any) -> dict[str, Any]:
    """The message, reduced to the fields that our messages have.

    Args:
        message: as it was read from JSON.

    Raises:
        EnvelopeError: it is not one of our messages.
    """
    if not isinstance(message, dict):
        raise EnvelopeError(f"a message is an object, not {type(message).__name__}")
    envelope = _fields("message", message, _ENVELOPE, {"properties"})
    properties = _fields("properties", message["properties"], _PROPERTIES, {"delivery_tag", "delivery_info"})
    delivery = _fields("delivery_info", properties["delivery_info"], _DELIVERY, {"exchange", "routing_key"})
    envelope["properties"] = properties | {"delivery_info": delivery}
    headers = message.get("headers") or {}
    # A message without a task is a broadcast, or has the form of before Celery 4, which ours never have: no header is used.
    envelope["headers"] = (
        _fields("headers", headers, _HEADERS, {"id"}) | _trace(headers) if "task" in headers else None
    )
    if envelope["headers"] and envelope.get("content-type") == JSON:
        _check_call(_body(envelope))
    return envelope


def _fields(
    where: str, given: Mapping[str, Any], known: Mapping[str, Check], needed: set[str]
) -> dict[str, Any]:
    missing = sorted(needed - given.keys())
    if missing:
        raise EnvelopeError(f"{where} without {missing[0]}")
    found = {name: given[name] for name in known if name in given}
    for name, value in found.items():
        if not known[name](value):
            raise EnvelopeError(f"{name} in {where} has another form: {type(value).__name__}")
    return found


def _trace(headers: Mapping[str, Any]) -> dict[str, str]:
    """The message's trace headers. Unreadable ones are dropped: they are no reason to drop the message."""
    context = of_headers(headers)
    found = {} if context is None else {TRACEPARENT: context.traceparent}
    if context is not None and context.state:
        found[TRACESTATE] = context.state
    given = headers.get(LINKS)
    links = (
        [link for link in given.split(" ")[:MOST_LINKS] if parse([link])] if isinstance(given, str) else []
    )
    return found | ({LINKS: " ".join(links)} if links else {})


def _body(envelope: Mapping[str, Any]) -> Any:
    body = envelope.get("body") or ""
    try:
        if envelope["properties"].get("body_encoding") == "base64":
            body = base64.b64decode(body)
        return json.loads(body)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise EnvelopeError(f"Decode error in its body: {type(error).__name__}") from None


def _check_call(call: Any) -> None:
    """Check Celery's form of a call: positional arguments, named arguments, and later calls, which ours never have."""
    match call:
        case [list(), dict(), dict() | None as after]:
            if any((after or {}).values()):
                raise EnvelopeError("a body that calls others after it")
        case _:
            raise EnvelopeError("a body that is no call")
