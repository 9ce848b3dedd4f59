"""Collect the evidence of a live stack for the checks."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from harness.database import Database
from harness.evidence import TABLES, Evidence, Row


def gather(
    database: Database,
    *,
    journal: list[Row],
    waiting: Mapping[str, int],
    logs: Mapping[str, list[str]],
    startup: Mapping[str, list[str]],
    secrets: Mapping[str, str],
    expected_errors: Sequence[str] = (),
    not_judged: Sequence[str] = (),
) -> Evidence:
    """Everything the checks judge, as it is now. See Evidence for the arguments.

    Raises:
        asyncpg.PostgresError: the database refused.
        OSError, TimeoutError: it does not answer.
    """
    rows = {table: table_rows(database, table) for table in tables(database)}
    known: dict[str, Any] = {name: rows.pop(table, []) for name, table in TABLES.items()}
    return Evidence(
        journal=journal,
        waiting=dict(waiting),
        logs=dict(logs),
        startup=dict(startup),
        secrets=dict(secrets),
        expected_errors=list(expected_errors),
        not_judged=list(not_judged),
        others=rows,
        **known,
    )


def tables(database: Database) -> list[str]:
    """The names of all tables there are."""
    found = database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [row["tablename"] for row in found]


def table_rows(database: Database, table: str) -> list[Row]:
    """All rows of a table, as JSON has them."""
    rows = database.rows(f'SELECT * FROM "{table}"')  # noqa: S608 - its own answer
    plain: list[Row] = json.loads(json.dumps(rows, default=str))
    return plain
