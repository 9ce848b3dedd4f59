"""Whether a generated curriculum holds together: the judge between curriculum design and everything that is paid for after it."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from app.schemas.content import Concept, Curriculum

MAX_STAGES = 12
MAX_MODULES_PER_STAGE = 12
MAX_CONCEPTS_PER_MODULE = 12
MAX_CONCEPTS = (
    120  # of three parts each: as many attempts as they take, each goes on where the last one ended
)
MAX_ID_LENGTH = 80


def problems(curriculum: Curriculum) -> list[str]:
    """Everything wrong with it, in sentences that the provider can act on in the repair round.

    Returns:
        An empty list for a sound curriculum.
    """
    concepts = curriculum.concepts()
    return [*_sizes(curriculum), *_ids(concepts), *_prerequisites(concepts)]


def _sizes(curriculum: Curriculum) -> Iterator[str]:
    yield from _count("the roadmap", "stages", len(curriculum.stages), MAX_STAGES)
    for stage in curriculum.stages:
        yield from _count(f"stage {stage.title!r}", "modules", len(stage.modules), MAX_MODULES_PER_STAGE)
        for module in stage.modules:
            yield from _count(
                f"module {module.title!r}", "concepts", len(module.concepts), MAX_CONCEPTS_PER_MODULE
            )
    if len(curriculum.concepts()) > MAX_CONCEPTS:
        yield f"the roadmap has {len(curriculum.concepts())} concepts; at most {MAX_CONCEPTS} are allowed"


def _count(owner: str, things: str, number: int, most: int) -> Iterator[str]:
    if number == 0:
        yield f"{owner} has no {things}"
    elif number > most:
        yield f"{owner} has {number} {things}; at most {most} are allowed"


def _ids(concepts: list[Concept]) -> Iterator[str]:
    seen: set[str] = set()
    for concept in concepts:
        if concept.id in seen:
            yield f"the concept id {concept.id!r} is used twice"
        if len(concept.id) > MAX_ID_LENGTH:
            yield f"the concept id {concept.id[:20]!r}... is longer than {MAX_ID_LENGTH} characters"
        seen.add(concept.id)


def _prerequisites(concepts: list[Concept]) -> Iterator[str]:
    known = {concept.id for concept in concepts}
    for concept in concepts:
        for prerequisite in concept.prerequisites:
            if prerequisite not in known:
                yield f"concept {concept.id!r} has the prerequisite {prerequisite!r}, which does not exist"
    try:
        TopologicalSorter({c.id: c.prerequisites for c in concepts}).prepare()
    except CycleError as error:
        yield f"prerequisites go in a circle: {' -> '.join(reversed(error.args[1]))}"
