"""Collect the evidence of a live stack for the checks."""

from collections.abc import Mapping
from typing import Any

from harness.database import Database
from harness.evidence import Evidence, Row

TABLES = {
    "requests": "roadmap_requests",
    "roadmaps": "roadmaps",
    "steps": "generation_steps",
    "events": "execution_logs",
    "outbox": "outbox",
}


def gather(
    database: Database,
    *,
    calls: list[Row],
    provider_calls: list[Row],
    waiting: Mapping[str, int],
    logs: Mapping[str, list[str]],
    secrets: Mapping[str, str],
) -> Evidence:
    """Everything the checks judge, as it is now.

    Args:
        database: of the stack.
        calls: from the journal.
        provider_calls: from the scripted provider.
        waiting: messages in the broker, by queue.
        logs: the lines each node wrote.
        secrets: the stack's, by name.
    """
    rows: dict[str, Any] = {name: database.rows(f"SELECT * FROM {table}") for name, table in TABLES.items()}  # noqa: S608 - our own names
    return Evidence(
        calls=calls,
        provider_calls=provider_calls,
        waiting=dict(waiting),
        logs=dict(logs),
        secrets=dict(secrets),
        **rows,
    )
