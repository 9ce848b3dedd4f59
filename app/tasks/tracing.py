"""A task's place in a trace: it continues its message's trace, and sends its span before the message is acknowledged.

A pool child may be killed or replaced at any moment between two tasks, and ends by os._exit, which runs no exit handler.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from celery import current_task

from app.core import spans
from app.core.batch_sender import LINKS
from app.core.logging import log_context
from app.core.spans import Attribute, Side
from app.core.trace_context import of_headers, parse


@contextmanager
def traced() -> Iterator[None]:
    """The span of the running task."""
    request = current_task.request
    links = [found for link in request.get(LINKS, "").split() if (found := parse([link]))]
    about: dict[str, Attribute] = {
        "messaging.system": "redis",
        "messaging.operation.type": "process",
        "messaging.destination.name": (request.delivery_info or {}).get("routing_key") or "",
        "messaging.message.id": request.id or "",
    }
    linked = {"linked_trace_ids": " ".join(dict.fromkeys(link.trace_id for link in links))} if links else {}
    parent = of_headers({name: request.get(name) for name in ("traceparent", "tracestate")})
    try:
        with (
            log_context(**linked),
            spans.span(current_task.name, Side.CONSUMER, about, parent=parent, links=links),
        ):
            yield
    finally:
        spans.flush()
