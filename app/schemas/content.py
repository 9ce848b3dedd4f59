"""What the provider is asked to write: each model is the JSON schema of one structured output.

The limits that a strict schema cannot express are checked here, after the answer has come.
"""

from typing import Annotated, ClassVar, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

CHOICES = 4


class StructuredOutput(BaseModel):
    """A strict schema: every field required, none added."""

    model_config = ConfigDict(extra="forbid")

    schema_name: ClassVar[str]

    @model_validator(mode="after")
    def _storable(self) -> Self:
        """PostgreSQL stores no NUL: an answer with one would fail the roadmap, after it has been paid for."""
        if any(
            "\x00" in text
            for _, value in self
            for text in (value if isinstance(value, list) else [value])
            if isinstance(text, str)
        ):
            raise ValueError("must not contain NUL")
        return self


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text.strip()


T = TypeVar("T")


def _some(items: list[T]) -> list[T]:
    if not items:
        raise ValueError("must have at least one item")
    return items


def _https(url: str) -> str:
    if not url.startswith("https://"):
        raise ValueError("must be an https address")
    return url


Text = Annotated[str, AfterValidator(_filled)]
Link = Annotated[str, AfterValidator(_https)]


class IntentAnalysis(StructuredOutput):
    """What the learner wants, in the provider's reading."""

    schema_name = "intent_analysis"

    goal: Text
    level: Literal["beginner", "intermediate", "advanced"]
    focus: list[Text]
    weeks: int


class Concept(StructuredOutput):
    schema_name = "concept"

    id: Text
    title: Text
    summary: Text
    prerequisites: list[str]
    estimated_minutes: int


class Module(StructuredOutput):
    schema_name = "module"

    title: Text
    concepts: list[Concept]


class Stage(StructuredOutput):
    schema_name = "stage"

    title: Text
    modules: list[Module]


class Curriculum(StructuredOutput):
    """The framework of a roadmap. Whether it holds together is for app.roadmaps.framework to say."""

    schema_name = "curriculum"

    title: Text
    summary: Text
    stages: list[Stage]

    def concepts(self) -> list[Concept]:
        return [c for stage in self.stages for module in stage.modules for c in module.concepts]


class Section(StructuredOutput):
    schema_name = "section"

    heading: Text
    body: Text


class Tutorial(StructuredOutput):
    schema_name = "tutorial"

    title: Text
    sections: Annotated[list[Section], AfterValidator(_some)]


class Resource(StructuredOutput):
    schema_name = "resource"

    title: Text
    url: Link
    kind: Literal["article", "video", "book", "course"]
    reason: Text


class Resources(StructuredOutput):
    schema_name = "resources"

    items: Annotated[list[Resource], AfterValidator(_some)]


def _four(choices: list[str]) -> list[str]:
    if len(set(choices)) != CHOICES:
        raise ValueError(f"must be {CHOICES} different choices")
    return choices


class Question(StructuredOutput):
    schema_name = "question"

    prompt: Text
    choices: Annotated[list[Text], AfterValidator(_four)]
    answer: Literal[0, 1, 2, 3]
    explanation: Text


class Quiz(StructuredOutput):
    schema_name = "quiz"

    questions: Annotated[list[Question], AfterValidator(_some)]
