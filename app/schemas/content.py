"""The outputs of the provider: each model is the JSON schema of one structured output.

Limits that a strict schema cannot express are checked here, after the answer has come: an output that passes can be stored, shown and
sent back.
"""

import unicodedata
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, HttpUrl, TypeAdapter, model_validator

CHOICES = 4
LINE_LENGTH = 300  # characters of a text on one line: a title, a heading, a point of focus
PARAGRAPH_LENGTH = 4_000
ARTICLE_LENGTH = 40_000  # of a tutorial's section
LONGEST_ANSWER = 500_000  # of a whole answer, as JSON: several times what any model writes at once
NAME_LENGTH = 200  # of a concept's name; app.roadmaps.framework has a lower limit
URL_LENGTH = 2_000  # every browser accepts it
FEW, MANY = 20, 50  # items of a list
MOST_CONCEPTS = 500  # of an answer; app.roadmaps.framework has a lower limit
MOST_WEEKS = 520
MOST_MINUTES = 7 * 24 * 60


class StructuredOutput(BaseModel):
    """A strict schema: every field is required, no other field is allowed, and no value is converted."""

    model_config = ConfigDict(extra="forbid", strict=True)

    schema_name: ClassVar[str]


def _storable(text: str) -> str:
    """Refuse NUL and half surrogate pairs, which PostgreSQL cannot store: the answer would be paid for and lost."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("must not contain NUL or lone surrogates")
    return text


def _text(longest: int) -> Callable[[str], str]:
    def filled(text: str) -> str:
        text = _storable(text).strip()
        if not 0 < len(text) <= longest:
            raise ValueError(f"must have 1 to {longest} characters")
        return text

    return filled


def _name(text: str) -> str:
    """Normalise a name: names that look the same are equal, so that a prerequisite finds its concept."""
    return _text(NAME_LENGTH)(" ".join(unicodedata.normalize("NFC", _storable(text)).split()))


def _list(least: int, most: int) -> Callable[[list[Any]], list[Any]]:
    def counted(items: list[Any]) -> list[Any]:
        if not least <= len(items) <= most:
            raise ValueError(f"must have {least} to {most} items")
        return items

    return counted


def _number(most: int) -> Callable[[int], int]:
    def between(number: int) -> int:
        if not 0 < number <= most:
            raise ValueError(f"must be 1 to {most}")
        return number

    return between


_ADDRESS = TypeAdapter(HttpUrl)


def _https(url: str) -> str:
    """Check that every program reads an address alike; it is kept as it is written.

    Parsers of URLs drop white space and control characters, and read a backslash or a third slash as the second slash.
    """
    url = url.strip()
    if not url.startswith("https://") or url.startswith("https:///") or len(url) > URL_LENGTH:
        raise ValueError(f"must be an https address of at most {URL_LENGTH} characters")
    if "\\" in url or any(unicodedata.category(character)[0] in "CZ" for character in url):
        raise ValueError("must not contain spaces, control characters or backslashes")
    found = _ADDRESS.validate_python(url)
    if found.username is not None or found.password is not None:
        raise ValueError("must not contain credentials")
    return url


T = TypeVar("T")

Line = Annotated[str, AfterValidator(_text(LINE_LENGTH))]
Paragraph = Annotated[str, AfterValidator(_text(PARAGRAPH_LENGTH))]
Article = Annotated[str, AfterValidator(_text(ARTICLE_LENGTH))]
Name = Annotated[str, AfterValidator(_name)]
Link = Annotated[str, AfterValidator(_https)]
AnyFew = Annotated[list[T], AfterValidator(_list(0, FEW))]
# app.roadmaps.framework judges whether there are too few.
AnyMany = Annotated[list[T], AfterValidator(_list(0, MANY))]
Many = Annotated[list[T], AfterValidator(_list(1, MANY))]


class IntentAnalysis(StructuredOutput):
    """What the learner wants, in the provider's reading."""

    schema_name = "intent_analysis"

    goal: Paragraph
    level: Literal["beginner", "intermediate", "advanced"]
    focus: AnyFew[Line]
    weeks: Annotated[int, AfterValidator(_number(MOST_WEEKS))]


class Concept(StructuredOutput):
    schema_name = "concept"

    id: Name  # the provider's own name: app.roadmaps.framework gives the concept our id
    title: Line
    summary: Paragraph
    prerequisites: AnyMany[Name]
    estimated_minutes: Annotated[int, AfterValidator(_number(MOST_MINUTES))]


class Module(StructuredOutput):
    schema_name = "module"

    title: Line
    concepts: AnyMany[Concept]


class Stage(StructuredOutput):
    schema_name = "stage"

    title: Line
    modules: AnyMany[Module]


class Curriculum(StructuredOutput):
    """The framework of a roadmap. app.roadmaps.framework judges whether it is sound."""

    schema_name = "curriculum"

    title: Line
    summary: Paragraph
    stages: AnyMany[Stage]

    def concepts(self) -> list[Concept]:
        return [c for stage in self.stages for module in stage.modules for c in module.concepts]

    @model_validator(mode="after")
    def _of_some_size(self) -> Self:
        if len(self.concepts()) > MOST_CONCEPTS:
            raise ValueError(f"must have at most {MOST_CONCEPTS} concepts")
        return self


class Section(StructuredOutput):
    schema_name = "section"

    heading: Line
    body: Article


class Tutorial(StructuredOutput):
    schema_name = "tutorial"

    title: Line
    sections: Many[Section]


class Resource(StructuredOutput):
    schema_name = "resource"

    title: Line
    url: Link
    kind: Literal["article", "video", "book", "course"]
    reason: Paragraph


class Resources(StructuredOutput):
    schema_name = "resources"

    items: Many[Resource]


def _four(choices: list[str]) -> list[str]:
    if len(choices) != CHOICES or len(set(choices)) != CHOICES:
        raise ValueError(f"must be {CHOICES} different choices")
    return choices


class Question(StructuredOutput):
    schema_name = "question"

    prompt: Paragraph
    choices: Annotated[list[Paragraph], AfterValidator(_four)]
    answer: Literal[0, 1, 2, 3]
    explanation: Paragraph


class Quiz(StructuredOutput):
    schema_name = "quiz"

    questions: Many[Question]
