"""The parts of a run that should be read, and their states: so that a judge knows what is missing."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

LOG, STARTUP, TABLE, RECORDS, STATES = "logs", "startup", "database", "journal", "states"  # part/NAME
QUEUES = "queues"
KINDS = (
    "call",
    "fault",
    "verb",
    "forgotten",
    "task",
    "provider",
    "sample",
    "log",
    "life",
)  # kinds of records, listed even where there are none
RECORDED = (
    "depth",
    "connections",
    "clock",
    "published",
    "redis",
    "sql",
    "change",
)  # further kinds, written by the recorder: old evidence has none of them, and its manifest does not list them


class State(enum.StrEnum):
    """The state of a part."""

    READ = "read"
    ABSENT = "absent"  # it never existed: a member that was not started
    FAILED = "failed"  # it could not be read


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the evidence: a node's log, a table, a kind of record.

    Args:
        state: what became of it.
        count: lines, rows or records that were read.
        why: it failed.
        redacted: name of a secret -> how often the secret was replaced.
    """

    state: State
    count: int = 0
    why: str = ""
    redacted: Mapping[str, int] = field(default_factory=dict)


Manifest = Mapping[str, Part]
