"""A sound history of the shop, as small as can be, from which tests break off a piece at a time."""

import json
from dataclasses import replace
from typing import Any

from harness.evidence.evidence import Evidence, Row
from harness.evidence.whole import manifest_of

NUMBER = "7"
ORDERS = "/orders"


def call(method: str = "POST", path: str = ORDERS, **changes: Any) -> Row:
    row = {"kind": "call", "at": 1.0, "method": method, "path": path, "by": "", "status": 201}
    return row | {"outcome": "answered", "milliseconds": 20.0} | changes


def accepted(**changes: Any) -> Row:
    return call(order=NUMBER, **changes)


def fault(phase: str, **changes: Any) -> Row:
    row = {"kind": "fault", "at": 3.0, "number": 1, "name": "Refused", "target": "redis", "phase": phase}
    return row | changes


def sampled(**changes: Any) -> Row:
    allowed = {"connections": {"web": 21}, "growth": 40, "memory_mb": 512}
    row = {"kind": "sample", "at": 0.5, "connections": {"web": 4}, "redis": 9, "descriptors": {"web": 60}}
    return row | {"memory": {"web": 100 << 20}, "allowed": allowed} | changes


def ordered(**changes: Any) -> Row:
    return {"number": int(NUMBER), "what": "tea", "state": "packed", "sent_at": "2026-01-01"} | changes


def worked(kind: str, **changes: Any) -> Row:
    return {"kind": "task", "at": 1.5, "type": kind, "task": "t1", "order": NUMBER} | changes


FAULT = [
    fault("injected"),
    fault("bitten", trace="3 refused"),
    fault("healed"),
    fault("recovered", seconds=1.5, budget=15.0, was_well=False),
]
CALLS = [call("GET", "/healthz", status=200), accepted(), accepted()]
SAMPLES = [sampled(), sampled(at=9.0)]
LIVES = [{"kind": "life", "at": 9.0, "node": node, "alive": True} for node in ("web", "packer")]
JOURNAL = [*CALLS, worked("task-started"), *FAULT, *SAMPLES, *LIVES]
LOGS = {"web": ["started"], "packer": ["packed"]}
PARCEL = {"id": 1, "order_number": int(NUMBER)}
WITHOUT_MANIFEST = Evidence(
    journal=JOURNAL,
    tables={"orders": [ordered()], "parcels": [PARCEL]},
    states={"order": {NUMBER: "packed"}},
    waiting={"parcels": 0},
    logs=LOGS,
    startup={"web": ["starting"]},
    secrets={"SHOP_SEAL": "hunter2"},
)
SOUND = replace(WITHOUT_MANIFEST, manifest=manifest_of(WITHOUT_MANIFEST))


def sound_but(**changes: Any) -> Evidence:
    """It, with something else in it, and all of that read.

    Args:
        changes: of Evidence; rows under the name of a table replace those.
    """
    tables = {name: changes.pop(name, rows) for name, rows in SOUND.tables.items()}
    made = replace(SOUND, **{"tables": tables, **changes})
    return made if "manifest" in changes else replace(made, manifest=manifest_of(made))


WALL = {"wall": "2026-01-01T00:00:01+00:00"}  # of a record whose time is 1.0


def line(second: float, message: str, level: str = "info", **fields: Any) -> str:
    """A log line of JSON, so many seconds into the minute of WALL."""
    told = {"level": level, "message": message, "time": f"2026-01-01T00:00:{second:06.3f}+00:00", **fields}
    return json.dumps(told)
