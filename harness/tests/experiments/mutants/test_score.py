"""What a campaign comes to: nothing that was not seen to be killed counts as killed."""

import pytest

from harness.application import DeclarationError
from harness.base.exits import Exit
from harness.experiments.mutants.change import Change
from harness.experiments.mutants.declared import Excused
from harness.experiments.mutants.kept import Fate, Kept, Result
from harness.experiments.mutants.mutant import Mutant, drawn
from harness.experiments.mutants.score import Score, check_excused

SOURCE = b"".join(b"a = %d\n" % number for number in range(100, 300))


def mutants(count: int) -> list[Mutant]:
    return [
        Mutant("a.py", SOURCE, Change(at + 4, at + 7, b"x", "constant", (1, 1), True))
        for at in range(0, count * 8, 8)
    ]


def score(*fates: Fate | None, excused: int = 0) -> Score:
    made = mutants(len(fates))
    results = {
        mutant.id: Result(id=mutant.id, fate=fate)
        for mutant, fate in zip(made, fates, strict=True)
        if fate is not None
    }
    alike = [
        Excused(file="a.py", was=mutant.changed[0], becomes=mutant.changed[1], why="nobody reads it")
        for mutant in made[:excused]
    ]
    return Score(made, results, alike)


K, S, T, U = Fate.KILLED, Fate.SURVIVED, Fate.TIMED_OUT, Fate.UNSTABLE


@pytest.mark.parametrize(
    ("fates", "percent", "end"),
    [
        ([], 0, Exit.UNKNOWN),
        ([K] * 9 + [S], 90, Exit.HOLDS),
        ([K] * 8 + [S] * 2, 80, Exit.VIOLATED),
        ([K] * 8 + [S, T], 80, Exit.VIOLATED),
        ([K] * 8 + [S, U], 80, Exit.UNKNOWN),
        ([K] * 8 + [S, None], 80, Exit.UNKNOWN),
        ([K] * 7 + [S, S, None], 70, Exit.VIOLATED),
        ([None] * 3, 0, Exit.UNKNOWN),
    ],
)
def test_what_was_not_seen_is_no_kill(fates, percent, end):
    found = score(*fates)
    assert (found.percent, found.exit(90)) == (percent, end)


def test_what_changes_nothing_counts_for_nothing():
    found = score(*[S] + [K] * 17 + [S] * 2, excused=1)
    assert (found.counted, found.killed, len(found.alive)) == (19, 17, 2)


def test_where_more_than_a_twentieth_is_excused_nothing_is():
    found = score(*[S] * 2 + [K] * 18, excused=2)
    assert (found.counted, found.killed, len(found.alive)) == (20, 18, 2)


def test_what_is_excused_and_killed_all_the_same_is_killed():
    assert score(*[K] * 20, excused=1).killed == 20


def test_an_excuse_for_nothing_is_refused():
    stale = Excused(file="a.py", was="a = 99", becomes="a = x", why="nobody reads it")
    with pytest.raises(DeclarationError, match="strike it out"):
        check_excused([stale], mutants(3))


@pytest.mark.parametrize("missing", ["file", "was", "why"])
def test_an_excuse_has_an_argument(missing):
    said = {"file": "a.py", "was": "a", "becomes": "b", "why": "c", missing: " "}
    with pytest.raises(ValueError, match="needs file, was and why"):
        Excused(**said)


def test_the_same_seed_draws_the_same():
    every = mutants(50)
    assert drawn(every, 10, 1) == drawn(every, 10, 1) != drawn(every, 10, 2)
    assert len(drawn(every, 99, 1)) == 50


def test_the_last_result_of_a_mutant_holds_and_half_a_line_is_none(tmp_path):
    kept = Kept(tmp_path / "folder" / "results.jsonl")
    assert kept.results() == {}
    kept.add(Result(id="one", fate=Fate.SURVIVED, confirmed=False))
    kept.confirm([kept.results()["one"]], stable=True)
    kept.add(Result(id="two", fate=Fate.KILLED, by="test"))
    with (tmp_path / "folder" / "results.jsonl").open("a") as file:
        file.write('{"id": "three", "fa')
    found = kept.results()
    assert {name: (one.fate, one.confirmed) for name, one in found.items()} == {
        "one": (Fate.SURVIVED, True),
        "two": (Fate.KILLED, True),
    }
