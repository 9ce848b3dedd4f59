"""Checks a curriculum and gives it our ids, after its design and before all that is paid for it.

The provider names its concepts in its own words. The check uses those names, so that the provider can mend them; a sound curriculum
gets our ids, which are ASCII, short, and valid in an address, a header and an index.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from typing import Any

from app.schemas.content import Curriculum
from app.schemas.framework import Framework

MAX_STAGES = 12
MAX_MODULES_PER_STAGE = 12
MAX_CONCEPTS_PER_MODULE = 12
# Each has three parts; a large roadmap takes several attempts, and each continues where the last one ended.
MAX_CONCEPTS = 120
MAX_ID_LENGTH = 80
MOST_PROBLEMS = 20  # named in a message: the faults of a bad curriculum could fill the prompt
MOST_IN_A_CIRCLE = 10  # named in a message


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a curriculum may be."""

    stages: int = MAX_STAGES
    modules_per_stage: int = MAX_MODULES_PER_STAGE
    concepts_per_module: int = MAX_CONCEPTS_PER_MODULE
    concepts: int = MAX_CONCEPTS
    id_length: int = MAX_ID_LENGTH


# For curricula of releases that stored no verdict: what they accepted must stay accepted.
FORMER_LIMITS = Limits(12, 12, 12, 120, 80)
# Stored instead of the names beside a curriculum with faults.
UNSOUND: dict[str, str] = {}


def problems(curriculum: Curriculum | Framework, limits: Limits | None = None) -> list[str]:
    """The faults of a curriculum, in sentences for the provider in the repair round.

    Args:
        curriculum: with the provider's ids.
        limits: today's by default.

    Returns:
        At most MOST_PROBLEMS; an empty list for a sound curriculum.
    """
    limits = limits or Limits()
    return list(islice(_found(curriculum, limits), MOST_PROBLEMS))


def number(curriculum: Curriculum) -> Framework:
    """Give each concept of a sound curriculum our id: c1, c2 and so on, in order."""
    ids = {concept.id: f"c{number}" for number, concept in enumerate(curriculum.concepts(), start=1)}
    output = curriculum.model_dump()
    for stage in output["stages"]:
        for module in stage["modules"]:
            for concept in module["concepts"]:
                concept["id"] = ids[concept["id"]]
                concept["prerequisites"] = [ids[p] for p in dict.fromkeys(concept["prerequisites"])]
    return Framework.stored(output, {ours: name for name, ours in ids.items()})


def to_store(curriculum: Curriculum) -> tuple[dict[str, Any], dict[str, str]]:
    """The output and the names to store for an answer, which `stored` reads: numbered if it is sound, else unchanged."""
    if problems(curriculum):
        return curriculum.model_dump(), UNSOUND
    framework = number(curriculum)
    return framework.output(), framework.names()


def stored(output: dict[str, Any], names: dict[str, str] | None) -> Framework | None:
    """The framework that a step has stored; None if it is a curriculum with faults.

    Args:
        output: of the step.
        names: our id -> the provider's name; UNSOUND; or None if the release that stored it kept no verdict and used the provider's
            words as ids. Such ids stay: parts may have been paid for under them.
    """
    if names is not None:
        return Framework.stored(output, names) if names != UNSOUND else None
    framework = Framework.stored(output, {})
    return framework if not problems(framework, FORMER_LIMITS) else None


def faults(output: dict[str, Any]) -> list[str]:
    """The faults of a curriculum for which `stored` returns None; never empty, even if the rules have changed since."""
    return problems(Framework.stored(output, {})) or ["the curriculum does not hold together"]


def shown(name: str) -> str:
    """The provider's name of a concept for a message: on one line, with invisible and direction-changing characters escaped."""
    return repr(name)[1:-1]


def _found(curriculum: Curriculum | Framework, limits: Limits) -> Iterator[str]:
    concepts = list(curriculum.concepts())
    yield from _sizes(curriculum, limits)
    yield from _ids(concepts, limits)
    yield from _prerequisites(concepts)


def _sizes(curriculum: Curriculum | Framework, limits: Limits) -> Iterator[str]:
    yield from _count("the roadmap", "stages", len(curriculum.stages), limits.stages)
    for stage in curriculum.stages:
        yield from _count(f"stage {stage.title!r}", "modules", len(stage.modules), limits.modules_per_stage)
        for module in stage.modules:
            yield from _count(
                f"module {module.title!r}", "concepts", len(module.concepts), limits.concepts_per_module
            )
    if len(curriculum.concepts()) > limits.concepts:
        yield f"the roadmap has {len(curriculum.concepts())} concepts; at most {limits.concepts} are allowed"


def _count(owner: str, things: str, number: int, most: int) -> Iterator[str]:
    if number == 0:
        yield f"{owner} has no {things}"
    elif number > most:
        yield f"{owner} has {number} {things}; at most {most} are allowed"


def _ids(concepts: list[Any], limits: Limits) -> Iterator[str]:
    seen: set[str] = set()
    for concept in concepts:
        if concept.id in seen:
            yield f"the concept id {concept.id!r} is used twice"
        if len(concept.id) > limits.id_length:
            yield f"the concept id {concept.id[:20]!r}... is longer than {limits.id_length} characters"
        seen.add(concept.id)


def _prerequisites(concepts: list[Any]) -> Iterator[str]:
    known = {concept.id for concept in concepts}
    for concept in concepts:
        for prerequisite in concept.prerequisites:
            if prerequisite not in known:
                yield f"concept {concept.id!r} has the prerequisite {prerequisite!r}, which does not exist"
    try:
        TopologicalSorter({c.id: c.prerequisites for c in concepts}).prepare()
    except CycleError as error:
        circle = [shown(name) for name in reversed(error.args[1])]
        told = [*circle[:MOST_IN_A_CIRCLE], "..."] if len(circle) > MOST_IN_A_CIRCLE else circle
        yield f"prerequisites go in a circle: {' -> '.join(told)}"
