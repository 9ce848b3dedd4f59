"""A nemesis' schedule is a pure function of its seed, and never does what would blind the harness."""

import itertools
from collections import Counter
from dataclasses import asdict, replace

import pytest

from harness.application import Provider
from harness.base.exits import Exit
from harness.evidence.checks import Judges
from harness.evidence.checks.finding import exit_of
from harness.evidence.evidence import Evidence
from harness.experiments.nemesis.schedule import arrivals, windows
from harness.experiments.nemesis.summary import Summary, lacking, measured
from harness.experiments.nemesis.wound import Deck
from harness.system.faults import FAULTS
from harness.tests.evidence.history import SOUND
from harness.tests.shop import shop

MINUTES = 10.0
DECK = Deck.of(shop)
WOUNDS = DECK.wounds
JUDGES = Judges.of(shop)


def described(seed: int) -> list[str]:
    return [str(window) for window in windows(seed, MINUTES, DECK)]


def test_a_seed_is_one_schedule_and_another_seed_another_one():
    assert described(7) == described(7)
    assert described(7) != described(8)
    first = list(itertools.islice(arrivals(7), 1000))
    assert first == list(itertools.islice(arrivals(7), 1000))
    assert first != list(itertools.islice(arrivals(8), 1000))


def test_a_schedule_is_what_it_was_when_a_seed_was_written_down():
    """Changed on purpose only: a seed that was written down must mean what it meant."""
    assert described(7)[:3] == [
        "   1.2 s, 1.4 s long: Killed, whole group of postgres",
        "  10.1 s, 3.5 s long: Killed, pool child of packer",
        "  17.9 s, 1.4 s long: Reset of postgres",
    ]


def test_ten_minutes_hold_sixty_windows_and_a_thousand_arrivals_at_least():
    for seed in range(20):
        played = windows(seed, MINUTES, DECK)
        assert len(played) >= 60
        assert sum(arrival.at < MINUTES * 60 for arrival in itertools.islice(arrivals(seed), 2000)) >= 1000


def test_every_wound_has_its_turn_before_the_deck_is_shuffled_again_and_pairs_are_among_them():
    played = windows(1, 30.0, DECK)
    dealt = Counter(str(window.wounds[0]) for window in played[: len(DECK.cards)])
    assert dealt == Counter(map(str, DECK.cards))
    assert set(dealt) == set(map(str, WOUNDS))
    assert {len(window.wounds) for window in played} == {1, 2}
    assert all(earlier.at < later.at for earlier, later in itertools.pairwise(played))


def test_a_pair_is_of_two_that_do_not_hide_each_other():
    alone = [wound for wound in WOUNDS if not any(map(wound.goes_with, WOUNDS))]
    assert "Refused of packer/redis" in map(str, alone)  # which needs all the rest of a shop so small
    pairs = [
        window.wounds
        for seed in range(50)
        for window in windows(seed, MINUTES, DECK)
        if len(window.wounds) == 2
    ]
    assert pairs
    assert all(not one.hurts & (other.hurts | other.needs) for one, other in pairs)
    assert all(not other.hurts & one.needs for one, other in pairs)


def test_every_fault_there_is_is_among_the_wounds():
    assert {type(wound.make()) for wound in WOUNDS} == set(FAULTS)


def test_a_wound_is_a_new_fault_each_time():
    assert all(wound.make() is not wound.make() for wound in WOUNDS)


def test_nothing_is_done_to_what_the_harness_itself_sees_with():
    """A scripted provider alone knows what it was asked: only the ways to it are hurt, never it."""
    mint = Provider(name="mint", module="nobody", client=lambda _: None)
    packer = replace(shop.roles["packer"], uses=("redis", "postgres", "mint"))
    app = replace(shop, providers={"mint": mint}, roles={**shop.roles, "packer": packer})
    members = {"web", "packer", "postgres", "redis"}
    links = {f"{role}/{server}" for role in ("web", "packer") for server in ("postgres", "redis")}
    assert {wound.make().target for wound in Deck.of(app).wounds} == members | links | {"packer/mint"}


def test_a_child_of_a_pool_is_killed_only_where_there_is_a_pool():
    lost = {str(wound) for wound in WOUNDS if "pool child" in str(wound)}
    assert lost == {"Killed, pool child of packer"}
    threads = replace(shop.roles["packer"], pool=False)
    assert not [
        wound
        for wound in Deck.of(replace(shop, roles={**shop.roles, "packer": threads})).wounds
        if "pool child" in str(wound)
    ]


def test_a_summary_is_what_the_evidence_says():
    figures = measured(shop, SOUND, JUDGES.judge(SOUND))
    assert (figures["accepted"], figures["ends"], figures["lost"], figures["doubled"]) == (
        1,
        {"packed": 1},
        0,
        0,
    )
    assert (figures["worst_recovery"], figures["post_p99"], figures["health_worst"]) == (1.5, 20.0, 20.0)
    assert set(figures["checks"].values()) == {"holds"}


def summed(evidence=SOUND, **changes):
    facts = {
        "run": "r",
        "seed": 7,
        "minutes": 1.0,
        "substrate": "embedded",
        "tier": "market",
        "commit": "abc",
    }
    more = {"windows": 1, "gave_up": 0, "came": 1, "drain_seconds": 3.0}
    return Summary(**(facts | more | measured(shop, evidence, JUDGES.judge(evidence)) | changes))


@pytest.mark.parametrize(("evidence", "held"), [(SOUND, True), (Evidence(), False)])
def test_unknown_is_never_a_pass(evidence, held):
    assert summed(evidence).held is held
    assert not summed(evidence, drain_seconds=None).held  # whatever the checks say


def test_what_does_not_drain_is_violated_though_every_check_holds():
    assert exit_of(summed(drain_seconds=None).outcomes) is Exit.VIOLATED
    assert exit_of(summed().outcomes) is Exit.HOLDS


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gave_up": 1162, "came": 1163}, "1162 of 1163 clients were never accepted"),
        ({"came": 2}, "2 clients came, 1 were accepted and 0 gave up"),
        ({"accepted": 0, "came": 0, "ends": {}}, "nothing was accepted"),
        ({"ends": {}}, "1 were accepted, 0 have an end"),
        ({"ends": {"failed": 1}, "done": 0}, "nothing came of what was accepted"),
        ({"faults": []}, "0 faults were injected in 1 windows"),
        ({"windows": 0}, "nothing was hurt"),
        ({"drain_seconds": None}, "something still moved when all was healed"),
        ({"checks": {}}, "nothing_lost was not judged"),
        (
            {"checks": {"nothing_lost": "nothing to judge", "faults_bitten": "holds"}},
            "nothing_lost was not judged",
        ),
    ],
)
def test_a_run_that_proves_nothing_is_not_held_and_says_why(changes, said):
    run = summed(**changes)
    assert not run.held
    assert said in lacking(asdict(run))


@pytest.mark.parametrize(
    ("changes", "held", "end"),
    [
        ({"reached": {"a fence refused": 0}}, True, Exit.HOLDS),
        ({"reached": {"a fence refused": 2}, "rare": True}, True, Exit.HOLDS),
        ({"reached": {"a fence refused": 2, "a sweep": 0}, "rare": True}, False, Exit.UNKNOWN),
        ({"reached": {}, "rare": True}, False, Exit.UNKNOWN),
    ],
)
def test_a_rare_state_that_was_never_reached_makes_a_run_unknown_that_is_to_reach_them(changes, held, end):
    run = summed(**changes)
    assert (run.held, exit_of(run.outcomes)) == (held, end)


def test_who_violates_a_check_does_so_whatever_was_reached():
    run = summed(drain_seconds=None, reached={"a sweep": 0}, rare=True)
    assert exit_of(run.outcomes) is Exit.VIOLATED
    assert "never reached: a sweep" in lacking(asdict(run))
