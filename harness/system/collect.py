"""Collect the evidence of a live stack for the checks."""

import json
from collections.abc import Sequence

from harness.base.database import Database
from harness.evidence.evidence import Evidence, Row
from harness.stack.running import Running
from harness.stack.stack import Stack

SHOWN = (
    *("request", "step", "concept", "concept_id", "attempt", "outcome", "status"),
    *("rule", "prompt_tokens", "completion_tokens"),
)


def gather(stack: Stack, expected_errors: Sequence[str] = (), not_judged: Sequence[str] = ()) -> Evidence:
    """Everything that its scenario has left behind so far.

    Args:
        stack: that runs.
        expected_errors: regular expressions of errors that are part of the scenario.
        not_judged: names of checks for which there is nothing in it.

    Raises:
        asyncpg.PostgresError: the database refused.
        OSError, TimeoutError: it does not answer.
    """
    return Evidence(
        journal=whole_journal(stack),
        tables={table: table_rows(stack.database, table) for table in tables(stack.database)},
        states=states(stack),
        waiting=stack.waiting(),
        logs=scenario_logs(stack),
        startup=startup_logs(stack),
        secrets=dict(stack.secrets),
        expected_errors=list(expected_errors),
        not_judged=list(not_judged),
    )


def states(stack: Stack) -> dict[str, dict[str, str | None]]:
    """The status of all that was accepted in the scenario, of the kinds of work that say how it is asked for."""
    accepted = Evidence(journal=stack.scenario_journal("call"))
    return {
        work.id: {found: stack.database.value(work.state, found) for found in accepted.accepted(work.id)}
        for work in stack.app.work
        if work.state
    }


def whole_journal(stack: Stack) -> list[Row]:
    """The scenario's part of the journal, with the provider's calls and where each log stands: all on one clock."""
    journal = stack.journal
    records = stack.scenario_journal()
    for name, provider in stack.providers.items():
        for call in provider.calls():
            shown = {field: getattr(call, field) for field in SHOWN if hasattr(call, field)}
            records.append({"at": journal.at(call.wall), "kind": "provider", "provider": name, **shown})
    for name, node in stack.nodes.items():
        cursors = {"since": stack.cursor(name), "until": node.log.cursor()}
        records.append({"at": journal.now(), "kind": "log", "node": name, **cursors})
    return sorted(records, key=lambda record: record["at"])


def scenario_logs(stack: Running) -> dict[str, list[str]]:
    """The lines that each node wrote in the scenario."""
    return {
        name: [line.text for line in node.log.lines(stack.cursor(name))] for name, node in stack.nodes.items()
    }


def startup_logs(stack: Stack) -> dict[str, list[str]]:
    """The lines that each role wrote before the first scenario."""
    return {
        name: [line.text for line in node.log.lines(until=stack.first_cursor(name))]
        for name, node in stack.roles.items()
    }


def tables(database: Database) -> list[str]:
    """The names of all tables there are."""
    found = database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [row["tablename"] for row in found]


def table_rows(database: Database, table: str) -> list[Row]:
    """All rows of a table, as JSON has them."""
    rows = database.rows(f'SELECT * FROM "{table}"')  # noqa: S608 - its own answer
    plain: list[Row] = json.loads(json.dumps(rows, default=str))
    return plain
