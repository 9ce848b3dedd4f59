"""The resources that a stack holds at one moment, and its limits. A sample takes about 50 ms: only scenarios with faults pay for it."""

from typing import Any
from urllib.parse import urlsplit

from harness.evidence.task_events import OURS
from harness.stack.stack import Stack
from harness.substrates.engine.engine import EngineError

USUAL_POOL = 15  # SQLAlchemy's default for QueuePool: pool_size 5 and max_overflow 10
OUTSIDE_THE_POOL = 1  # a worker's main process reports that it lives, on a connection of its own
# Descriptors beside its pool: links to Redis and the provider, the event loop, files.
GROWTH_OF_A_PROCESS = 12

UNNAMED = ""  # connections of a role that sets no application name

_CONNECTIONS = """
SELECT application_name AS role, count(*) AS held FROM pg_stat_activity
WHERE datname = current_database() AND application_name <> 'harness' GROUP BY 1
"""


def sample(stack: Stack) -> dict[str, Any]:
    """Take a sample for the journal.

    Args:
        stack: that runs.

    Returns:
        `connections` to PostgreSQL by role, clients of `redis`, `descriptors` and `memory` (bytes) by node, and what is
        `allowed`: connections by role, memory of a service, and by how much a node may have grown.
    """
    tier = stack.tier
    descriptors, memory = {}, {}
    for name, node in stack.roles.items():
        if not node.alive:
            continue
        try:
            use = node.use()
        except EngineError:  # the process has just ended
            continue
        descriptors[name], memory[name] = use.descriptors, use.memory_bytes
    nodes = stack.nodes_by_role()
    pool = USUAL_POOL if tier.database_pool_size is None else tier.database_pool_size
    processes = {role.kind: tier.concurrency.get(role.kind, 1) for role in stack.app.roles.values()}
    allowed = {
        role: nodes.get(role, 0) * (count * pool + OUTSIDE_THE_POOL) for role, count in processes.items()
    }
    held = stack.database.rows(_CONNECTIONS)
    return {
        "connections": {row["role"]: row["held"] for row in held},
        "redis": _clients(stack),
        "descriptors": descriptors,
        "memory": memory,
        "allowed": {
            "connections": allowed | {UNNAMED: sum(allowed.values())},
            "growth": sum(
                nodes.get(role, 0) * (count * (pool + GROWTH_OF_A_PROCESS) + GROWTH_OF_A_PROCESS)
                for role, count in processes.items()
            ),
            "memory_mb": tier.memory_mb,
        },
    }


def _clients(stack: Stack) -> int:
    """Count the clients that use a database of this stack: a shared server has others, too."""
    own = {urlsplit(url).path.removeprefix("/") or "0" for url in stack.redis_urls}
    return sum(client["db"] in own and client.get("name") != OURS for client in stack.redis.client_list())
