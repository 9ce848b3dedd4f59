"""Compares the roadmaps a second that one API process accepts with a bare insert, the least that accepting needs."""

import base64
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.roadmaps.messages import CONTENT_QUEUE
from harness import Stack, StackSpec, eventually
from harness.base.http import http_get
from harness.base.progress import Progress
from harness.experiments.bench.figure import Figure
from harness.experiments.bench.load import post
from harness.nodes.ports import ReservedPort
from scenarios.roadmaps.bench import bare
from scenarios.roadmaps.services import API, CONTENT, FLOWER, LOGS

USERS = 16
POSTS = 1000
BARE_POSTS = 3000  # of the bare insert, which is so much faster
PUBLISHED_WITHIN_SECONDS = 1.0
POLL_SECONDS = 0.02
LEAST_RATIO = 0.2
# No worker takes the messages, so that all can be counted; one process on each side, and no other runs.
OMITTED = (CONTENT, LOGS, FLOWER)
ENVIRONMENT = {"UVICORN_WORKERS": "1", "MAX_ROADMAPS_IN_THE_MAKING": "1000000"}
BODY = {"topic": "Rust", "goal": "write drivers"}


def posting(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Post from 16 users to one API process and to a bare insert, in turn, both without the proxy.

    Args:
        rounds: of both; one more round comes first, to warm up.
        progress: gets the current step.
        spec: of the stack, whose roles are processes of this machine.
    """
    ratios, rates, plain = [], [], []
    refused = unpublished = 0
    progress("a stack and a bare insert")
    with Stack(replace(spec, omit=OMITTED, env=ENVIRONMENT), "bench") as stack, stack.client() as client:
        accounts = [client.sign_up() for _ in range(USERS)]
        tokens = [account.headers for account in accounts]
        user = accounts[0].expect(200, "GET", "/api/v1/auth/me").json()["id"]
        stack.database.execute(f"CREATE TABLE {bare.TABLE} (LIKE roadmap_requests INCLUDING ALL)")
        with _bare(stack, user) as address:
            for number in range(rounds + 1):
                progress(f"{number} of {rounds} rounds")
                least = post(address, "/requests", BODY, [{}] * USERS, BARE_POSTS)
                full = post(stack.substrate.links.target(API), "/api/v1/roadmaps", BODY, tokens, POSTS)
                refused += len(least.refused) + len(full.refused)
                unpublished += _unpublished(stack, {body["id"] for body in full.bodies})
                if number:
                    ratios.append(full.rate / least.rate)
                    rates.append(full.rate)
                    plain.append(least.rate)
    yield Figure.ratio(
        "POST /roadmaps, of a bare insert",
        ratios,
        why=f"{statistics.median(rates):.0f} of {statistics.median(plain):.0f} a second",
        least=LEAST_RATIO,
    )
    late = f"accepted, but not published {PUBLISHED_WITHIN_SECONDS:g} s after the load's end"
    yield Figure(name=late, value=unpublished, most=0, detail=f"of {POSTS * (rounds + 1)}")
    yield Figure(name="posts that were refused", value=refused, most=0)


def _unpublished(stack: Stack, accepted: set[str]) -> int:
    """The number of roadmaps without a message in the queue in time; a second message of the sweeper does not count for another."""
    deadline = time.monotonic() + PUBLISHED_WITHIN_SECONDS
    while (missing := accepted - _waiting(stack, len(accepted))) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    stack.redis.delete(CONTENT_QUEUE)
    return len(missing)


def _waiting(stack: Stack, least: int) -> set[str]:
    """The roadmaps of the messages in the queue, if there are so many: reading them slows down the publisher."""
    if stack.redis.llen(CONTENT_QUEUE) < least:
        return set()
    return {_roadmap(message) for message in stack.redis.lrange(CONTENT_QUEUE, 0, -1)}


def _roadmap(message: bytes | str) -> str:
    """The roadmap of a message: kombu's envelope has a base64 body with [args, kwargs, embed] (Celery's protocol 2)."""
    _args, kwargs, _embed = json.loads(base64.b64decode(json.loads(message)["body"]))
    return str(kwargs["roadmap_id"])


@contextmanager
def _bare(stack: Stack, user: str) -> Iterator[str]:
    """The address of a bare insert on the stack's database."""
    with ReservedPort() as port:
        process = subprocess.Popen(
            [
                *(
                    sys.executable,
                    "-m",
                    "uvicorn",
                    "scenarios.roadmaps.bench.bare:app",
                    "--host",
                    "127.0.0.1",
                ),
                *("--port", str(port.number), "--no-access-log", "--log-level", "warning"),
            ],
            env={**os.environ, "DATABASE_URL": stack.servers.database_url, "USER_ID": user},
        )
        try:
            url = f"http://127.0.0.1:{port.number}/docs"
            eventually(lambda: http_get(url).is_success, timeout=20, what="the bare insert")
            yield f"127.0.0.1:{port.number}"
        finally:
            process.terminate()
            process.wait()
