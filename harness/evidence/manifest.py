"""What was to be read of a run, and what became of it: so that whoever judges knows what he did not see."""

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
)  # of records, whether or not there are any
RECORDED = (
    "depth",
    "connections",
    "clock",
    "published",
    "redis",
    "sql",
    "change",
)  # likewise, since a recorder runs with each scenario: evidence of before has none of them, and its manifest does not say so


class State(enum.StrEnum):
    """What became of a part."""

    READ = "read"
    ABSENT = "absent"  # it never was there: a member that was not started
    FAILED = "failed"  # it could not be read


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the evidence: a node's log, a table, a kind of record.

    Args:
        state: what became of it.
        count: lines, rows or records that were read.
        why: it failed.
        redacted: name of a secret -> how often it stood there before it was kept.
    """

    state: State
    count: int = 0
    why: str = ""
    redacted: Mapping[str, int] = field(default_factory=dict)


Manifest = Mapping[str, Part]
