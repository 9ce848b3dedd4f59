"""What a message in Redis may look like: exactly as ours do.

Whoever can write to Redis can write anything, and Celery reads it in the process that no worker outlives.
A field that is none of ours is left out, one of ours that has another form makes it no message: a tag that is a list cannot be looked
up, a time limit kills the child that works, a time to wait for keeps it from everybody, and what is packed may be of any size.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any

from app.core.batch_sender import LINKS
from app.core.trace_context import TRACEPARENT, TRACESTATE, of_headers, parse

JSON = "application/json"
LONGEST = 255  # of what names something
MOST_LINKS = 100  # traces that a message may come from: as many as it has events


class EnvelopeError(ValueError):
    """It is not a message of ours; says why, and shows nothing of it."""


Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST and value.isascii() and value.isprintable()


def _name_or_none(value: Any) -> bool:
    """Celery writes an empty text, too, where there is none."""
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
    # Ours never have them: what is to be done later waits in the database, and the limits of a task are the settings'.
    **dict.fromkeys(("eta", "timelimit", "group", "shadow", "stamps", "stamped_headers"), _nothing),
    **dict.fromkeys(("group_index", "replaced_task_nesting", "compression"), _nothing),
}


def checked(message: Any) -> dict[str, Any]:
    """The message, of what ours have.

    Args:
        message: as it was read from JSON.

    Raises:
        EnvelopeError: it is none.
    """
    if not isinstance(message, dict):
        raise EnvelopeError(f"a message is an object, not {type(message).__name__}")
    envelope = _fields("message", message, _ENVELOPE, {"properties"})
    properties = _fields("properties", message["properties"], _PROPERTIES, {"delivery_tag", "delivery_info"})
    delivery = _fields("delivery_info", properties["delivery_info"], _DELIVERY, {"exchange", "routing_key"})
    envelope["properties"] = properties | {"delivery_info": delivery}
    headers = message.get("headers") or {}
    # Without a task it is a broadcast, or in the form of before Celery 4, which ours never have: either way nothing of them is used.
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
    """Where it comes from. What cannot be read of that is left out: it is no reason to throw the message away."""
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
    """A call is what Celery writes: positional arguments, named ones, and what is to be called after it, which ours never have."""
    match call:
        case [list(), dict(), dict() | None as after]:
            if any((after or {}).values()):
                raise EnvelopeError("a body that calls others after it")
        case _:
            raise EnvelopeError("a body that is no call")
