"""The logs queue: store execution-log events, a batch at a time."""

from typing import Any

from celery import shared_task

from app.roadmaps.log_batch import store_batch
from app.roadmaps.messages import STORE_TASK
from app.tasks.runtime import runtime
from app.tasks.tracing import traced


@shared_task(name=STORE_TASK)
def store(events: list[dict[str, Any]]) -> None:
    """Store events in the execution log, each once.

    Args:
        events: from app.roadmaps.events, of any roadmaps.
    """
    with traced():
        runtime().run(store_batch(runtime().engine, events))
