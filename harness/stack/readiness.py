"""When a role works: it answers, or a canary has come back from each of its queues. A live process is not enough."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from harness.base.database import Database
from harness.base.http import http_client
from harness.base.logs import SHOWN_LINES
from harness.base.wait import eventually
from harness.nodes.node import Node
from harness.stack.canary import Canaries

READY_SECONDS = 60.0
POLL_SECONDS = 0.05  # what starts needs the processor more than whoever waits for it
ANSWER_SECONDS = 5.0


def all_ready(
    listening: Sequence[tuple[Node, str, str]],
    consuming: Mapping[str, Node],
    redis_url: str,
    database: Database,
) -> None:
    """Return once all of them work; they are asked at once.

    Args:
        listening: nodes with their base URL and the path they are asked for.
        consuming: queue -> the node that consumes it.
        redis_url: of the broker.
        database: where canaries come to.

    Raises:
        TimeoutError: one does not, or it has ended; shows its last log lines.
    """
    with ThreadPoolExecutor() as pool:
        waits = [pool.submit(listens, *one) for one in listening]
        if consuming:
            nodes = list(dict.fromkeys(consuming.values()))
            waits.append(pool.submit(consume, nodes, Canaries(redis_url, consuming), database))
        for wait in waits:
            wait.result()


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
        poll=POLL_SECONDS,
        what="a canary from every queue",
        unless=lambda: next((reason for node in nodes if (reason := node.why_down())), None),
        evidence=lambda: "\n".join(f"{node.name}:\n{node.log.tail(SHOWN_LINES)}" for node in nodes),
    )
