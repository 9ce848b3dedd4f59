"""A rare state is counted by what evidence has in any case."""

from harness.evidence.evidence import Evidence
from harness.evidence.rare_states import reached
from harness.tests.evidence.history import SOUND, call, sound_but

STATES = {
    "began again": r"packed again, \d+",
    "not packed": lambda evidence: sum(row["state"] == "open" for row in evidence.rows("orders")),
    "came too often": lambda evidence: sum(asked["status"] == 429 for asked in evidence.calls),
}


def test_each_state_is_counted_where_it_is_told():
    logs = {"web": ["packed again, 2", "x"], "packer": ["packed again, 3", "packed again"]}
    rows = [SOUND.rows("orders")[0] | {"state": state} for state in ("open", "packed")]
    evidence = sound_but(logs=logs, orders=rows, journal=[*SOUND.journal, call(status=429)])
    assert reached(STATES, evidence) == {"began again": 2, "not packed": 1, "came too often": 1}


def test_where_there_is_nothing_nothing_was_reached():
    assert set(reached(STATES, Evidence()).values()) == {0}
    assert reached({}, SOUND) == {}
