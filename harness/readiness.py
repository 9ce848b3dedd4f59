"""When a role works: it answers, or a canary has come back from each of its queues. A live process is not enough."""

from collections.abc import Sequence

import httpx

from harness.canary import Canaries
from harness.database import Database
from harness.node import Node
from harness.wait import eventually

READY_SECONDS = 60.0
SHOWN_LINES = 20


def listens(node: Node, url: str) -> None:
    """Return once the node answers this URL with a success.

    Raises:
        TimeoutError: it does not, or it has ended; shows its last log lines.
    """
    with httpx.Client(timeout=5, trust_env=False) as http:
        eventually(
            lambda: http.get(url).raise_for_status().is_success,
            timeout=READY_SECONDS,
            what=f"{node.name}: {httpx.URL(url).path} answers 200",
            unless=node.why_down,
            evidence=lambda: node.log.tail(SHOWN_LINES),
        )


def consume(nodes: Sequence[Node], canaries: Canaries, database: Database) -> None:
    """Return once a canary has come back from every queue.

    Args:
        nodes: that consume them.
        canaries: one for each queue.
        database: where they come to.

    Raises:
        TimeoutError: one has not, or a node has ended; shows the last log lines.
    """
    eventually(
        lambda: not canaries.silent(database),
        timeout=READY_SECONDS,
        what="a canary from every queue",
        unless=lambda: next((reason for node in nodes if (reason := node.why_down())), None),
        evidence=lambda: "\n".join(f"{node.name}:\n{node.log.tail(SHOWN_LINES)}" for node in nodes),
    )
