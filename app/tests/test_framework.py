import re

import pytest

from app.roadmaps.framework import (
    MAX_CONCEPTS_PER_MODULE,
    MAX_ID_LENGTH,
    MAX_STAGES,
    faults,
    number,
    problems,
    stored,
    to_store,
)
from app.schemas.content import Concept, Curriculum, Module, Stage


def concept(name: str, *prerequisites: str) -> Concept:
    return Concept(id=name, title=name, summary=name, prerequisites=list(prerequisites), estimated_minutes=30)


def curriculum(*concepts: Concept) -> Curriculum:
    stage = Stage(title="Stage", modules=[Module(title="Module", concepts=list(concepts))])
    return Curriculum(title="Title", summary="Summary", stages=[stage])


def test_a_sound_curriculum_has_no_problems():
    assert problems(curriculum(concept("a"), concept("b", "a"), concept("c", "a", "b"))) == []


@pytest.mark.parametrize(
    ("unsound", "said"),
    [
        (curriculum(concept("a", "ghost")), "'ghost', which does not exist"),
        (curriculum(concept("a", "a")), "a -> a"),
        (curriculum(concept("a", "c"), concept("b", "a"), concept("c", "b")), "in a circle"),
        (curriculum(concept("a"), concept("a")), "'a' is used twice"),
        (curriculum(concept("x" * (MAX_ID_LENGTH + 1))), "longer than"),
        (curriculum(), "has no concepts"),
        (
            curriculum(*(concept(f"c{n}") for n in range(MAX_CONCEPTS_PER_MODULE + 1))),
            "13 concepts; at most 12",
        ),
        (Curriculum(title="T", summary="S", stages=[]), "has no stages"),
        (Curriculum(title="T", summary="S", stages=[Stage(title="S", modules=[])]), "has no modules"),
        (
            Curriculum(title="T", summary="S", stages=curriculum(concept("a")).stages * (MAX_STAGES + 1)),
            "13 stages; at most 12",
        ),
    ],
)
def test_each_fault_is_named(unsound, said):
    assert any(said in problem for problem in problems(unsound))


HOSTILE = [
    "所有权",
    "tcp/ip",
    "..",
    "c2",
    "c1",
    "a b",
    "%2F",
    "\u202eevil",
    "-",
    "x" * MAX_ID_LENGTH,
    "nul",
    "🎉",
]


def test_ids_are_ours_whatever_the_author_calls_its_concepts():
    framework = number(curriculum(*(concept(name) for name in HOSTILE)))
    assert [c.id for c in framework.concepts()] == [f"c{n}" for n in range(1, len(HOSTILE) + 1)]
    assert [c.name for c in framework.concepts()] == HOSTILE
    assert all(re.fullmatch(r"c[0-9]+", c.id) for c in framework.concepts())


def test_prerequisites_follow_their_concepts():
    framework = number(curriculum(concept("c2"), concept("c1", "c2"), concept("b", "c1", "c2", "c1")))
    assert [c.prerequisites for c in framework.concepts()] == [[], ["c1"], ["c2", "c1"]]


def test_a_framework_is_read_as_it_was_stored():
    output, names = to_store(curriculum(concept("所有权"), concept("tcp/ip", "所有权")))
    assert stored(output, names) == number(curriculum(concept("所有权"), concept("tcp/ip", "所有权")))
    # The previous release reads it so.
    assert Curriculum.model_validate(output).concepts()[1].prerequisites == ["c1"]


def test_a_curriculum_with_faults_is_stored_as_it_came():
    unsound = curriculum(concept("a", "ghost"))
    output, names = to_store(unsound)
    assert (output, names, stored(output, names)) == (unsound.model_dump(), {}, None)
    assert faults(output) == problems(unsound)


def test_what_a_release_stored_that_kept_no_verdict_is_judged_by_its_limits():
    sound = curriculum(concept("所有权"), concept("tcp/ip", "所有权"))
    found = stored(sound.model_dump(), None)
    assert [(c.id, c.name) for c in found.concepts()] == [("所有权", "所有权"), ("tcp/ip", "tcp/ip")]
    assert stored(curriculum(concept("a", "ghost")).model_dump(), None) is None


def test_what_was_sound_stays_readable_whatever_is_allowed_today():
    output = curriculum(concept("a")).model_dump()
    output["stages"][0]["modules"][0]["concepts"][0] |= {"title": "x" * 10_000, "estimated_minutes": -5}
    assert stored(output, None) is not None
    assert stored(output, {"a": "a"}) is not None


def test_a_draft_that_is_all_wrong_is_told_of_in_few_words():
    everything = curriculum(
        *(concept("x" * 200, *("y" * 190 + str(n) for n in range(50))) for _ in range(12))
    )
    assert len(problems(everything)) == 20
    circle = curriculum(*(concept(f"c{n}\u202e", f"c{(n + 1) % 12}\u202e") for n in range(12)))
    (said,) = problems(circle)
    assert (said.isprintable(), said.count(" -> "), said[-3:]) == (True, 10, "...")
