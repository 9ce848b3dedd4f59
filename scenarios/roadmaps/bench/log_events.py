"""Measures the log events a second that the logs worker stores, in full batches and with one task for each event."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from app.core.batch_sender import BatchSender, Message
from app.core.broker import create_celery
from app.core.settings import load_settings
from app.roadmaps.event_buffer import MOST
from app.roadmaps.events import Event
from app.roadmaps.messages import store
from harness import Stack, StackSpec, eventually
from harness.base.progress import Progress
from harness.experiments.bench.figure import Figure
from scenarios.roadmaps.services import CONTENT, FLOWER, LOGS

OMITTED = (CONTENT, FLOWER)
SINGLE_EVENTS = 500
BATCHED_EVENTS = 10_000
LEAST_TIMES = 20.0
STORED_SECONDS = 120.0


def log_events(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Start the logs worker with a full queue: first with one event a task, then with full batches.

    Args:
        rounds: not used; each way is measured over hundreds of tasks.
        progress: gets the current step.
        spec: of the stack.
    """
    del rounds
    progress("a stack without the content worker")
    with Stack(replace(spec, omit=OMITTED), "bench") as stack, stack.client() as client:
        roadmap = client.sign_up().create_roadmap("Rust")
        stack.database.execute("UPDATE roadmap_requests SET status = 'cancelled', ended_at = now()")
        sender = BatchSender(create_celery(load_settings(stack.environment_here(LOGS))))
        progress(f"{SINGLE_EVENTS} events, one a task")
        single = _rate(stack, sender, UUID(roadmap.id), SINGLE_EVENTS, 1)
        progress(f"{BATCHED_EVENTS} events, {MOST} a task")
        batched = _rate(stack, sender, UUID(roadmap.id), BATCHED_EVENTS, MOST)
        sender.close()
    yield Figure(
        name="log events stored, of one task per row",
        value=batched / single,
        least=LEAST_TIMES,
        detail=f"{batched:.0f} a second in batches of {MOST}, {single:.0f} one by one",
    )


def _rate(stack: Stack, sender: BatchSender, roadmap: UUID, count: int, batch: int) -> float:
    """Stored events a second, from the worker's start on."""
    events = [Event(request_id=roadmap, step="quiz", message=f"event {n}").as_json() for n in range(count)]
    before = _stored(stack)
    stack.node(LOGS).pause()
    for messages in _chunks([store(events[i : i + batch]) for i in range(0, count, batch)], 100):
        sender.send(messages)
    began = time.monotonic()
    stack.node(LOGS).resume()
    eventually(lambda: _stored(stack) - before >= count, timeout=STORED_SECONDS, what="all events", poll=0.01)
    return count / (time.monotonic() - began)


def _stored(stack: Stack) -> int:
    return int(stack.database.value("SELECT count(*) FROM execution_logs"))


def _chunks(messages: Sequence[Message], size: int) -> Iterator[Sequence[Message]]:
    return (messages[start : start + size] for start in range(0, len(messages), size))
