"""A roadmap's framework as it is stored: a curriculum that holds together, with ids of our own.

Nothing is checked here that was not checked when it was written: what an older release has stored stays readable, whatever
the limits of today.
"""

from typing import Any, Self

from pydantic import BaseModel


class Concept(BaseModel):
    """Something to learn.

    Args:
        id: ours; everything is addressed by it.
        name: what the provider calls it, any text at all; it is shown, and nothing is addressed by it.
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
    """The whole of it."""

    title: str
    summary: str
    stages: list[Stage]

    def concepts(self) -> list[Concept]:
        """All of them, in order."""
        return [c for stage in self.stages for module in stage.modules for c in module.concepts]

    def names(self) -> dict[str, str]:
        """What the provider calls each, by our id."""
        return {concept.id: concept.name for concept in self.concepts()}

    def output(self) -> dict[str, Any]:
        """Without the names, in the form that a curriculum has had from the first release on."""
        return self.model_dump(
            exclude={"stages": {"__all__": {"modules": {"__all__": {"concepts": {"__all__": {"name"}}}}}}}
        )

    @classmethod
    def stored(cls, output: dict[str, Any], names: dict[str, str]) -> Self:
        """From its `output` and `names`.

        Args:
            output: may come from an older release.
            names: by id; a concept that has none is called by its id.
        """

        def concept(of: dict[str, Any]) -> dict[str, Any]:
            return {**of, "name": names.get(of["id"], of["id"])}

        def module(of: dict[str, Any]) -> dict[str, Any]:
            return {**of, "concepts": [concept(each) for each in of["concepts"]]}

        stages = [
            {**stage, "modules": [module(each) for each in stage["modules"]]} for stage in output["stages"]
        ]
        return cls.model_validate({**output, "stages": stages})
