"""Answers for the scripted provider."""

from copy import deepcopy
from typing import Any


def curriculum(*concepts: str, **prerequisites: list[str]) -> dict[str, Any]:
    """A curriculum of one stage and one module.

    Args:
        concepts: their ids, in order.
        prerequisites: by concept; none by default.
    """
    described = [
        {
            "id": concept,
            "title": f"Concept {concept}",
            "summary": f"What there is to know of {concept}.",
            "prerequisites": prerequisites.get(concept, []),
            "estimated_minutes": 30,
        }
        for concept in concepts
    ]
    stage = {"title": "The stage", "modules": [{"title": "The module", "concepts": described}]}
    return {"title": "A small roadmap", "summary": "As much as a scenario needs.", "stages": [stage]}


def in_its_words(output: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """A curriculum that the product has stored, with its author's own names.

    Args:
        output: with the product's ids.
        names: id -> the author's name of the concept.
    """
    written = deepcopy(output)
    for stage in written["stages"]:
        for module in stage["modules"]:
            for concept in module["concepts"]:
                concept["id"] = names[concept["id"]]
                concept["prerequisites"] = [names[other] for other in concept["prerequisites"]]
    return written
