"""A nemesis' schedule is a pure function of its seed, and never does what would blind the harness."""

import itertools
from collections import Counter

import pytest

from harness.evidence.checks import judge
from harness.evidence.evidence import Evidence
from harness.experiments.nemesis.load import ROADMAPS
from harness.experiments.nemesis.schedule import arrivals, windows
from harness.experiments.nemesis.summary import Summary, measured
from harness.experiments.nemesis.wound import API, CONTENT, DECK, LOGS, OPENAI, POSTGRES, REDIS, WOUNDS
from harness.system.faults import FAULTS
from harness.tests.evidence.history import ACCEPTED, SOUND

MINUTES = 10.0


def described(seed: int) -> list[str]:
    return [str(window) for window in windows(seed, MINUTES)]


def test_a_seed_is_one_schedule_and_another_seed_another_one():
    assert described(7) == described(7)
    assert described(7) != described(8)
    first = list(itertools.islice(arrivals(7), 1000))
    assert first == list(itertools.islice(arrivals(7), 1000))
    assert first != list(itertools.islice(arrivals(8), 1000))


def test_a_schedule_is_what_it_was_when_a_seed_was_written_down():
    """Changed on purpose only: a seed in docs/reliability.md must mean what it meant."""
    assert described(7)[:3] == [
        "   1.1 s, 2.5 s long: Full of redis",
        "  10.1 s, 3.6 s long: Killed, whole group of postgres",
        "  18.0 s, 3.9 s long: Killed, main process of roadmap-celery-content and Reset of roadmap-api/postgres",
    ]


def test_ten_minutes_hold_sixty_windows_and_a_thousand_arrivals_at_least():
    for seed in range(20):
        played = windows(seed, MINUTES)
        assert len(played) >= 60
        assert sum(arrival.at < MINUTES * 60 for arrival in itertools.islice(arrivals(seed), 2000)) >= 1000


def test_every_wound_has_its_turn_before_the_deck_is_shuffled_again_and_pairs_are_among_them():
    played = windows(1, 30.0)
    dealt = Counter(str(window.wounds[0]) for window in played[: len(DECK)])
    assert dealt == Counter(map(str, DECK))
    assert set(dealt) == set(map(str, WOUNDS))
    assert {len(window.wounds) for window in played} == {1, 2}
    assert all(earlier.at < later.at for earlier, later in itertools.pairwise(played))


def test_a_pair_is_of_two_that_do_not_hide_each_other():
    pairs = [
        window.wounds for seed in range(50) for window in windows(seed, MINUTES) if len(window.wounds) == 2
    ]
    assert pairs
    assert all(not one.hurts & (other.hurts | other.needs) for one, other in pairs)
    assert all(not other.hurts & one.needs for one, other in pairs)


def test_every_fault_there_is_is_among_the_wounds():
    assert {type(wound.make()) for wound in WOUNDS} == set(FAULTS)


def test_a_wound_is_a_new_fault_each_time():
    assert all(wound.make() is not wound.make() for wound in WOUNDS)


def test_nothing_is_done_to_what_the_harness_itself_sees_with():
    """The scripted provider alone knows what it was asked: only the ways to it are hurt, never it."""
    members = {API, LOGS, CONTENT, POSTGRES, REDIS}
    links = {f"{CONTENT}/{OPENAI}"} | {
        f"{role}/{server}" for role in (API, LOGS, CONTENT) for server in (POSTGRES, REDIS)
    }
    assert {wound.make().target for wound in WOUNDS} <= members | links


def test_a_summary_is_what_the_evidence_says():
    figures = measured(SOUND, judge(SOUND))
    assert ROADMAPS == ACCEPTED
    assert (figures["accepted"], figures["ends"], figures["lost"], figures["doubled"]) == (
        1,
        {"completed": 1},
        0,
        0,
    )
    assert (figures["worst_recovery"], figures["post_p99"], figures["health_worst"]) == (1.5, 20.0, 20.0)
    assert set(figures["checks"].values()) == {"holds"}


@pytest.mark.parametrize(("evidence", "held"), [(SOUND, True), (Evidence(), False)])
def test_unknown_is_never_a_pass(evidence, held):
    facts = {"run": "r", "seed": 7, "minutes": 1.0, "substrate": "embedded", "tier": "developer"}
    more = {"windows": 7, "gave_up": 0, "drain_seconds": 3.0}
    assert Summary(**facts, **more, **measured(evidence, judge(evidence))).held is held
