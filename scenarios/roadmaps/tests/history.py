"""The smallest sound history, of which each test changes one piece."""

import json
from dataclasses import replace
from typing import Any

from harness import Evidence
from harness.evidence.evidence import Row
from harness.evidence.whole import manifest_of
from scenarios.roadmaps import kept

R = "00000000-0000-4000-8000-000000000001"
KEY, ADA = "key-1", "ada@example.com"
ACCEPTED = "/api/v1/roadmaps"


def request(status: str = "completed", **changes: Any) -> Row:
    ended = None if status in {"queued", "running"} else "2026-01-01"
    row = {
        "id": R,
        "user_id": "u1",
        "idempotency_key": KEY,
        "status": status,
        "error": None,
        "ended_at": ended,
    }
    return row | {"dispatches": 0, "attempt": 1, "fence": 1} | changes


def event(step: str, category: str = "lifecycle", **changes: Any) -> Row:
    emitted = {"emitted": 1} if step == "completed" else {}
    return {"id": f"e-{step}", "request_id": R, "step": step, "category": category, "data": emitted} | changes


def called(step: str = "intent", concept: str | None = None, **changes: Any) -> Row:
    row = {
        "kind": "provider",
        "at": 2.0,
        "request": R,
        "step": step,
        "concept": concept,
        "outcome": "replied",
    }
    return row | {"rule": "", "prompt_tokens": 5, "completion_tokens": 7} | changes


def paid(prompt: int, completion: int, **changes: Any) -> Row:
    step = {"request_id": R, "step": "intent", "concept_id": "", "attempts": 1, "status": "completed"}
    return step | {"prompt_tokens": prompt, "completion_tokens": completion} | changes


def call(method: str = "POST", path: str = ACCEPTED, **changes: Any) -> Row:
    row = {
        "kind": "call",
        "at": 1.0,
        "method": method,
        "path": path,
        "by": ADA,
        "status": 202,
        "outcome": "answered",
    }
    return row | {"milliseconds": 20.0} | changes


def accepted(**changes: Any) -> Row:
    return call(**{"key": KEY, "roadmap_id": R, "request_id": "r1", **changes})


def fault(phase: str, **changes: Any) -> Row:
    row = {"kind": "fault", "at": 3.0, "number": 1, "name": "Refused", "target": "redis", "phase": phase}
    return row | changes


def sampled(**changes: Any) -> Row:
    allowed = {"connections": {"api": 21}, "growth": 40, "memory_mb": 512}
    row = {"kind": "sample", "at": 0.5, "connections": {"api": 4}, "redis": 9, "descriptors": {"api": 60}}
    return row | {"memory": {"api": 100 << 20}, "allowed": allowed} | changes


def claimed(fence: int, attempt: int = 1) -> str:
    return said(f"claimed, attempt {attempt}, fence {fence}")


def said(message: str) -> str:
    return json.dumps({"message": message, "roadmap_id": R})


FAULT = [
    fault("injected"),
    fault("bitten", trace="3 refused"),
    fault("healed"),
    fault("recovered", seconds=1.5, budget=15.0, was_well=False),
]
CALLS = [call("GET", "/health", status=200), accepted(), accepted()]
SAMPLES = [sampled(), sampled(at=9.0)]
LIVES = [{"kind": "life", "at": 9.0, "node": node, "alive": True} for node in ("api", "content", "logs")]
OUTLINED = called("curriculum", prompt_tokens=0, completion_tokens=0)
OUTLINE = paid(0, 0, step="curriculum")
JOURNAL = [*CALLS, called(), OUTLINED, *FAULT, *SAMPLES, *LIVES]
LOGS = {
    "api": [json.dumps({"message": "POST '/api/v1/roadmaps' 202 20.0 ms", "request_id": "r1"})],
    "content": [claimed(1), said("ended: The roadmap is complete.")],
    "logs": [said("stored 3 of 3 events of 1 roadmaps")],
}
EVENTS = [event("accepted"), event("completed"), event("intent", "progress")]
TABLES = {
    "requests": kept.REQUESTS,
    "roadmaps": kept.ROADMAPS,
    "steps": kept.STEPS,
    "events": kept.EVENTS,
    "outbox": kept.OUTBOX,
    "users": kept.USERS,
}
CURRICULUM = {"stages": [{"modules": [{"concepts": []}]}]}
ROADMAP = {"id": R, "title": "Rust", "summary": "All of it.", "curriculum": CURRICULUM}
ROWS: dict[str, list[Row]] = {
    kept.REQUESTS: [request()],
    kept.ROADMAPS: [ROADMAP],
    kept.STEPS: [paid(5, 7), OUTLINE],
    kept.EVENTS: EVENTS,
    kept.OUTBOX: [],
    kept.USERS: [{"id": "u1", "email": ADA}],
}


def written(tables: dict[str, list[Row]]) -> list[Row]:
    """The record of how each row of some tables came to be there."""
    names = {kept.STEPS: ("request_id", "step", "concept_id")}
    return [
        {
            "kind": "change",
            "at": 2.0,
            "table": table,
            "operation": "INSERT",
            "row": {name: row[name] for name in names.get(table, ("id",))},
            "changed": {name: [None, value] for name, value in row.items()},
        }
        for table, rows in tables.items()
        for row in rows
    ]


WITHOUT_MANIFEST = Evidence(
    journal=[*written(ROWS), *JOURNAL],
    tables=ROWS,
    waiting={"content": 0, "logs": 0},
    logs=LOGS,
    startup={"api": ["starting"]},
    secrets={"JWT_SECRET_KEY": "hunter2"},
)
SOUND = replace(WITHOUT_MANIFEST, manifest=manifest_of(WITHOUT_MANIFEST))


def sound_but(**changes: Any) -> Evidence:
    """The evidence of the sound history with these changes.

    Args:
        changes: fields of Evidence; rows under a table's short name replace that table.
    """
    tables = {table: changes.pop(name, SOUND.tables[table]) for name, table in TABLES.items()}
    journal = [*written(tables), *changes.pop("journal", JOURNAL)]
    made = replace(SOUND, **{"tables": tables, "journal": journal, **changes})
    return made if "manifest" in changes else replace(made, manifest=manifest_of(made))
