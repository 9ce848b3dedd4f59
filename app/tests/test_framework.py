import pytest

from app.roadmaps.framework import MAX_CONCEPTS_PER_MODULE, MAX_ID_LENGTH, MAX_STAGES, problems
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
