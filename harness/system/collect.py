"""Collects the evidence of a live stack for the checks. A part that cannot be read does not stop it: the manifest tells of it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from harness.application import POSTGRES
from harness.base.database import Database
from harness.evidence.evidence import Evidence, Row
from harness.evidence.excuse import Excuse
from harness.evidence.manifest import LOG, QUEUES, RECORDED, RECORDS, STARTUP, STATES, TABLE, Part, State
from harness.evidence.statements import without_statements
from harness.evidence.whole import manifest_of
from harness.stack.reset import table_names
from harness.stack.running import Running
from harness.stack.stack import Stack
from harness.system.recorder import Recorder

SHOWN = (
    *("request", "step", "concept", "concept_id", "attempt", "outcome", "status"),
    *("rule", "prompt_tokens", "completion_tokens"),
)
AGAIN = 5  # times that journal and tables are read where rows change meanwhile
T = TypeVar("T")


class Reading:
    """Reads a stack's evidence part by part, and remembers the parts that could not be read.

    Args:
        stack: that runs.
        left_down: members that the scenario has said to leave down.
        recorder: the scenario's recorder; None where only the journal was kept.
    """

    def __init__(self, stack: Stack, left_down: Sequence[str] = (), recorder: Recorder | None = None) -> None:
        self._stack = stack
        self._left_down = left_down
        self._recorder = recorder
        self.failed: dict[str, Part] = {}

    def evidence(self, expected_errors: Sequence[Excuse] = (), violated: Sequence[str] = ()) -> Evidence:
        """Everything that its scenario has left behind so far.

        Args:
            expected_errors: that are part of the scenario.
            violated: names of checks that must be violated.
        """
        stack = self._stack
        journal, tables = self._of_one_moment()
        read = Evidence(
            journal=journal,
            tables=tables,
            states=self._try(STATES, lambda: states(stack), {}),
            waiting=self._try(QUEUES, stack.waiting, {}),
            logs=self._each(LOG, scenario_lines(stack)),
            startup=self._each(STARTUP, startup_lines(stack)),
            secrets=dict(stack.all_secrets),
            expected_errors=list(expected_errors),
            violated=list(violated),
            facts=self._try("facts", lambda: dict(stack.app.facts(stack.given)), {}),
        )
        manifest = manifest_of(read) | self.failed
        if self._recorder is None:
            recorded = [f"{RECORDS}/{kind}" for kind in RECORDED]
            manifest |= {name: Part(State.ABSENT) for name in recorded if not manifest[name].count}
        else:
            manifest |= self._recorder.parts()
        for name, node in stack.nodes.items():
            if not node.log.path.exists():
                manifest[f"{LOG}/{name}"] = Part(State.ABSENT)
        for name in stack.roles:
            if not stack.first_cursor(name):  # the node did not run yet when the first scenario began
                manifest[f"{STARTUP}/{name}"] = Part(State.ABSENT)
        return replace(read, manifest=manifest)

    def _of_one_moment(self) -> tuple[list[Row], dict[str, list[Row]]]:
        """Journal and tables: a row and what was noted of its changes are two sources, and have to be of the same time."""
        for _ in range(AGAIN):
            journal, tables = self._journal(), self._tables()
            if self._recorder is None or not self._recorder.moved():
                break
        return journal, tables

    def _try(self, part: str, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except Exception as error:  # noqa: BLE001 - whatever broke the stack may break this too
            self.failed[part] = Part(State.FAILED, why=f"{type(error).__name__}: {error}")
            return otherwise

    def _each(self, part: str, read: dict[str, Callable[[], list[str]]]) -> dict[str, list[str]]:
        found = {name: self._try(f"{part}/{name}", lines, None) for name, lines in read.items()}
        return {name: lines for name, lines in found.items() if lines is not None}

    def _tables(self) -> dict[str, list[Row]]:
        database = self._stack.database
        none: list[str] = []
        names = self._try(TABLE, lambda: table_names(database), none)
        found = {
            name: self._try(f"{TABLE}/{name}", lambda name=name: table_rows(database, name), None)  # type: ignore[misc]
            for name in names
        }
        return {name: rows for name, rows in found.items() if rows is not None}

    def _journal(self) -> list[Row]:
        """The scenario's part of the journal, with the providers' calls, the position in each log and the live members: on one clock."""
        stack = self._stack
        records = stack.scenario_journal()
        for name in stack.providers:
            records += self._try(f"{RECORDS}/provider", lambda name=name: provider_records(stack, name), [])  # type: ignore[misc]
        records += self._recorder.records() if self._recorder else []
        records += self._try(f"{RECORDS}/log", lambda: log_records(stack), [])
        records += self._try(f"{RECORDS}/life", lambda: life_records(stack, self._left_down), [])
        return sorted(records, key=lambda record: record["at"])


def gather(stack: Stack) -> Evidence:
    """Everything that its scenario has left behind so far, where it expects no errors.

    Args:
        stack: that runs.
    """
    return Reading(stack).evidence()


def states(stack: Stack) -> dict[str, dict[str, str | None]]:
    """The status of all work that was accepted in the scenario, of the kinds of work that declare how to ask for it."""
    accepted = Evidence(journal=stack.scenario_journal("call"))
    return {
        work.id: {found: stack.state(work, found) for found in accepted.accepted(work.id)}
        for work in stack.app.works
        if work.state
    }


def provider_records(stack: Stack, name: str) -> list[Row]:
    """The calls that a scripted provider got.

    Args:
        stack: that runs.
        name: of the provider.
    """
    return [
        {"at": stack.journal.at(call.wall), "kind": "provider", "provider": name}
        | {field: getattr(call, field) for field in SHOWN if hasattr(call, field)}
        for call in stack.providers[name].calls()
    ]


def log_records(stack: Stack) -> list[Row]:
    """The length of each log, in bytes."""
    return [
        {
            "at": stack.journal.now(),
            "kind": "log",
            "node": name,
            "since": stack.cursor(name),
            "until": node.log.cursor(),
        }
        for name, node in stack.nodes.items()
    ]


def life_records(stack: Stack, left_down: Sequence[str]) -> list[Row]:
    """Which of the started members live.

    Args:
        stack: that runs.
        left_down: members that the scenario has said to leave down.
    """
    return [
        {
            "at": stack.journal.now(),
            "kind": "life",
            "node": name,
            "alive": node.alive,
            **({"left_down": True} if name in left_down else {}),
        }
        for name, node in stack.nodes.items()
        if node.log.path.exists() or node.alive
    ]


def scenario_lines(stack: Running) -> dict[str, Callable[[], list[str]]]:
    """Readers of the lines that each node wrote in the scenario."""

    def reading(name: str) -> Callable[[], list[str]]:
        def read() -> list[str]:
            lines = [line.text for line in stack.nodes[name].log.lines(stack.cursor(name))]
            return list(without_statements(lines)) if name == POSTGRES else lines

        return read

    return {name: reading(name) for name in stack.nodes}


def startup_lines(stack: Stack) -> dict[str, Callable[[], list[str]]]:
    """Readers of the lines that each role wrote before the first scenario."""

    def reading(name: str) -> Callable[[], list[str]]:
        return lambda: [line.text for line in stack.roles[name].log.lines(until=stack.first_cursor(name))]

    return {name: reading(name) for name in stack.roles}


def table_rows(database: Database, table: str) -> list[Row]:
    """All rows of a table, as JSON has them."""
    rows = database.rows(f'SELECT * FROM "{table}"')  # noqa: S608 - its own answer
    plain: list[Row] = json.loads(json.dumps(rows, default=str))
    return plain
