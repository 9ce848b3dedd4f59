"""There are two workers: no work waits at one of them while the other one is idle."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from harness.base.wait import WaitTimeoutError, eventually
from harness.evidence.checks.finding import Finding
from harness.experiments.trial.promise import Promise
from harness.experiments.trial.row import judged
from harness.experiments.trial.stage import ENDS_SECONDS, STARTS_SECONDS, NotPlayedError, Stage

PIECES_A_SLOT = 4
IDLE_SECONDS = 0.4


def play(stage: Stage) -> Finding:
    """Ask for more work than both can do at once, and publish all of it before the workers listen."""
    with stage.spare() as spare:
        try:
            eventually(lambda: "ready" in spare.log.text(), timeout=STARTS_SECONDS, what="a second worker")
        except WaitTimeoutError:
            raise NotPlayedError("a second worker did not become ready") from None
        slots = stage.stack.tier.concurrency.get(stage.consumer, 1)
        spare.pause()
        try:
            for _ in range(PIECES_A_SLOT * slots):
                stage.must_ask()
        finally:
            spare.resume()
        if not stage.all_end(ENDS_SECONDS):
            return Finding.unknown("work did not end; see the promise `undisturbed`")
        return _judge(stage, stage.tasks(), slots)


def _judge(stage: Stage, events: Sequence[dict[str, Any]], slots: int) -> Finding:
    times: dict[str, dict[str, float]] = {}
    nodes: dict[str, str] = {}
    for event in events:
        if event.get(stage.work.id):
            times.setdefault(event["task"], {})[event["type"]] = float(event["happened"])
            nodes[event["task"]] = event["node"]
    whole = {
        task: seen
        for task, seen in times.items()
        if {"task-received", "task-started", "task-succeeded"} <= seen.keys()
    }
    if not whole:
        return Finding.unknown(
            f"no event says which task does a {stage.work.name}: task=..., by=... and -E would decide it"
        )
    longest = max(_waited(task, whole, nodes, slots) for task in whole)
    late = (
        [f"a {stage.work.name} lay {longest:.1f} s with one worker while the other one had a free place"]
        if longest > IDLE_SECONDS
        else []
    )
    return judged(late, f"{len(whole)} pieces of work at once, shared by two workers")


def _waited(task: str, times: dict[str, dict[str, float]], nodes: dict[str, str], slots: int) -> float:
    """Seconds that a task was received but not started while another worker had a free place."""
    since, until = times[task]["task-received"], times[task]["task-started"]
    marks = sorted(
        {since, until, *(mark for seen in times.values() for mark in seen.values() if since < mark < until)}
    )
    idle = 0.0
    for begin, end in pairwise(marks):
        busy = sum(
            nodes[other] != nodes[task] and seen["task-started"] <= begin and end <= seen["task-succeeded"]
            for other, seen in times.items()
        )
        idle += (end - begin) if busy < slots else 0.0
    return idle


SHARED = Promise(
    name="shared",
    sentence="No work lies with a busy worker while another one is idle",
    mend="worker_prefetch_multiplier = 1, with late acknowledgement",
    play=play,
    applies=lambda app: bool(app.queues),
)
