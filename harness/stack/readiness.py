"""When a role is ready: it has said so in its own way, and a canary has come back from each of its queues. A live process is not enough."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from harness.application import App, HttpReady, LogReady, Role
from harness.base.database import Database
from harness.base.http import http_client
from harness.base.logs import SHOWN_LINES
from harness.base.progress import Progress, silence
from harness.base.wait import eventually
from harness.nodes.node import Node
from harness.stack.canary import AWAITED_SECONDS, Canaries, canaries

READY_SECONDS = 60.0
POLL_SECONDS = 0.05  # not shorter, because the starting roles need the processor
ANSWER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A role that is to become ready.

    Args:
        role: it plays.
        node: that plays it.
        url: of the node; empty where it does not listen.
    """

    role: Role
    node: Node
    url: str


def all_ready(
    app: App, waiting: Sequence[Waiting], redis_url: str, database: Database, progress: Progress = silence
) -> None:
    """Return once all of them work; they are asked at once.

    Args:
        app: whose roles they are.
        waiting: the roles.
        redis_url: of the broker.
        database: database that canaries write to.
        progress: told which roles are not ready yet.

    Raises:
        TimeoutError: one does not, or it has ended; shows its last log lines.
    """
    missing = [one.node.name for one in waiting]

    def told() -> None:
        progress(
            f"{len(waiting) - len(missing)} of {len(waiting)} roles ready, waiting for {', '.join(missing)}"
        )

    def proof(one: Waiting) -> None:
        _proves(one)
        if not one.role.queues:
            missing.remove(one.node.name)
            told()

    told()
    consuming = {queue: one.node for one in waiting for queue in one.role.queues}
    with ThreadPoolExecutor(max_workers=len(waiting) + 1) as pool:
        waits = [pool.submit(proof, one) for one in waiting]
        if consuming:
            nodes = list(dict.fromkeys(consuming.values()))
            with canaries(app, redis_url, tuple(consuming)) as sent:
                consume(nodes, sent, database)
        for wait in waits:
            wait.result()


def _proves(one: Waiting) -> None:
    match one.role.ready:
        case HttpReady(path):
            listens(one.node, one.url, path)
        case LogReady(pattern):
            one.node.log.wait_for(pattern, timeout=READY_SECONDS, unless=one.node.why_down)
        case _:
            return  # its canaries prove it


def listens(node: Node, base_url: str, path: str) -> None:
    """Return once the node answers with a success.

    Args:
        node: that listens.
        base_url: of it.
        path: it is asked for.

    Raises:
        TimeoutError: it does not, or it has ended; shows its last log lines.
    """
    with http_client(base_url, ANSWER_SECONDS) as http:
        eventually(
            lambda: http.get(path).raise_for_status().is_success,
            timeout=READY_SECONDS,
            poll=POLL_SECONDS,
            what=f"{node.name}: {path} answers 200",
            unless=node.why_down,
            evidence=lambda: node.log.tail(SHOWN_LINES),
        )


def consume(nodes: Sequence[Node], sent: Canaries, database: Database) -> None:
    """Return once a canary has come back from every queue.

    Args:
        nodes: that consume them.
        sent: one canary for each queue.
        database: database that they may write to.

    Raises:
        TimeoutError: one has not, or a node has ended; shows the last log lines.
    """
    eventually(
        lambda: not sent.silent(database),
        timeout=AWAITED_SECONDS,
        poll=POLL_SECONDS,
        what="a canary from every queue",
        unless=lambda: next((reason for node in nodes if (reason := node.why_down())), None),
        evidence=lambda: "\n".join(f"{node.name}:\n{node.log.tail(SHOWN_LINES)}" for node in nodes),
    )
