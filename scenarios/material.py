"""What scenarios hand to the scripted provider."""

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
