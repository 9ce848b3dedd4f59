"""A roadmap's stored framework: a sound curriculum with our ids.

Limits are checked when a framework is written, not here: what an older release has stored stays readable under today's limits.
"""

from typing import Any, Self

from pydantic import BaseModel


class Concept(BaseModel):
    """Something to learn.

    Args:
        id: our id, by which it is addressed.
        name: the provider's name, any text; it is only shown.
        prerequisites: ids of other concepts.
    """

    id: str
    name: str
    title: str
    summary: str
    prerequisites: list[str]
    estimated_minutes: int


class Module(BaseModel):
    title: str
    concepts: list[Concept]


class Stage(BaseModel):
    title: str
    modules: list[Module]


class Framework(BaseModel):
    """The whole framework."""

    title: str
    summary: str
    stages: list[Stage]

    def concepts(self) -> list[Concept]:
        """All concepts, in order."""
        return [c for stage in self.stages for module in stage.modules for c in module.concepts]

    def names(self) -> dict[str, str]:
        """Our id -> the provider's name."""
        return {concept.id: concept.name for concept in self.concepts()}

    def output(self) -> dict[str, Any]:
        """The framework without the names, in the form of a curriculum since the first release."""
        return self.model_dump(
            exclude={"stages": {"__all__": {"modules": {"__all__": {"concepts": {"__all__": {"name"}}}}}}}
        )

    @classmethod
    def stored(cls, output: dict[str, Any], names: dict[str, str]) -> Self:
        """Make it from its stored `output` and `names`.

        Args:
            output: may come from an older release.
            names: id -> name; a concept without one is called by its id.
        """

        def concept(of: dict[str, Any]) -> dict[str, Any]:
            return {**of, "name": names.get(of["id"], of["id"])}

        def module(of: dict[str, Any]) -> dict[str, Any]:
            return {**of, "concepts": [concept(each) for each in of["concepts"]]}

        stages = [
            {**stage, "modules": [module(each) for each in stage["modules"]]} for stage in output["stages"]
        ]
        return cls.model_validate({**output, "stages": stages})
