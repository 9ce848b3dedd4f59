"""The rare states of the product are told of by lines that it logs: one that is worded anew would never be reached again."""

import ast
import re
from pathlib import Path

import pytest

from harness import Evidence
from harness.evidence.rare_states import reached
from scenarios.roadmaps.application import ROOT
from scenarios.roadmaps.rare_states import RARE_STATES

# What each is told by; what is not rare comes first.
LINES = {
    "": "claimed, attempt 1, fence 1; ended: Complete; stored 3 of 3 events of 2 roadmaps"
    "; swept: 0 roadmaps published again, 1 ended, 0 events sent again",
    "a fence refused a write": "the lease was lost, nothing was written",
    "a roadmap was claimed after an attempt that counted": "claimed, attempt 2, fence 2",
    "a roadmap was claimed for the third time or oftener": "claimed, attempt 1, fence 12",
    "an attempt was handed back, and counted": "handed back, attempt counted",
    "an attempt was handed back, and given back": "handed back, attempt given back",
    "a message came for what is ended or taken": "nothing to do: ended, taken or unknown",
    "a sweeper sent a roadmap again": "swept: 1 roadmaps published again, 0 ended, 0 events sent again",
    "a sweeper sent an event again": "swept: 0 roadmaps published again, 0 ended, 20 events sent again",
    "a message was left to the sweeper": "3 messages not published, the sweeper will: TimeoutError",
    "an event came that was stored already": "stored 0 of 3 events of 1 roadmaps",
    "the circuit opened": "the provider is down: 5 failures in a row, next call in 1 s",
    "the circuit closed again": "the provider answers again",
    "a sweep was lost": "not swept: TimeoutError",
}


def _logged() -> list[re.Pattern[str]]:
    """What the product may log, each with anything for what it fills in."""
    found = []
    for file in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(Path(file).read_bytes())):
            if isinstance(node, ast.Call):
                said = [one.value for one in node.args if isinstance(one, ast.Constant)]
                found += [
                    re.sub(r"%(s|d|r|g|\.0f)", ".*", re.escape(one)) for one in said if isinstance(one, str)
                ]
    return [re.compile(pattern) for pattern in found if len(pattern) > 2]


def test_there_are_a_dozen_and_each_is_counted_by_its_own_line_alone():
    logged = {name for name, told in RARE_STATES.items() if not callable(told)}
    assert logged == {*LINES} - {""}
    assert len(RARE_STATES) >= 12
    for name, line in LINES.items():
        counts = reached(RARE_STATES, Evidence(logs={"api": line.split("; ")}))
        assert {state for state, times in counts.items() if times} == ({name} if name else set())


@pytest.mark.parametrize("line", [line for name, line in LINES.items() if name])
def test_the_product_logs_it(line):
    assert any(pattern.match(line) for pattern in _logged()), line


def test_what_clients_meet_is_counted_too():
    calls = [
        {"kind": "call", "method": "POST", "status": 503, "outcome": "answered"},
        {"kind": "call", "method": "POST", "outcome": "unknown"},
        {"kind": "call", "method": "GET", "outcome": "unknown"},
        {"kind": "call", "method": "POST", "status": 202, "outcome": "answered"},
    ]
    counts = reached(RARE_STATES, Evidence(journal=calls))
    assert {name for name, times in counts.items() if times} == {
        "a client was told to come again",
        "a client had no answer to what it asked for",
    }
    assert max(counts.values()) == 1
