"""A roadmap as a Markdown document (CommonMark), to keep or to print.

Texts of one line are escaped. The text of a tutorial is Markdown; `foreign_markdown` removes what would affect the rest of the document.
Our own words are in the roadmap's language if we have them.
"""

import re
from collections.abc import Iterator
from typing import Any

from app.roadmaps.export_words import Words, words_of
from app.roadmaps.foreign_markdown import tamed
from app.schemas.whole import WholeConcept, WholeRoadmap

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")
# characters that would begin a list, a rule or a definition
_FIRST = re.compile(r"\A([-+=:]|[0-9]{1,9}(?=[.)]))")
_LETTERS = "ABCD"
_WRITTEN = {"<": "%3C", ">": "%3E", "\\": "%5C", "&": "&amp;"}


def markdown(roadmap: WholeRoadmap) -> str:
    """The document, with all parts that are written so far."""
    return "\n\n".join(_blocks(roadmap, words_of(roadmap.language))) + "\n"


def _blocks(roadmap: WholeRoadmap, words: Words) -> Iterator[str]:
    yield f"# {_line(roadmap.title or roadmap.topic)}"
    if roadmap.summary:
        yield _line(roadmap.summary)
    if not roadmap.stages:
        yield f"*{_line(words.why(roadmap.error)) if roadmap.error else words.nothing}*"
    for stage in roadmap.stages:
        yield f"## {_line(stage.title)}"
        for module in stage.modules:
            yield f"### {_line(module.title)}"
            for concept in module.concepts:
                yield from _concept(concept, words)


def _concept(concept: WholeConcept, words: Words) -> Iterator[str]:
    yield f"#### {_line(concept.title)}"
    yield f"{_line(concept.summary)} {words.minutes.format(concept.estimated_minutes)}"
    for name, part, written in (
        (words.tutorial, concept.tutorial, _tutorial),
        (words.resources, concept.resources, _resources),
        (words.quiz, concept.quiz, _quiz),
    ):
        yield f"##### {name}"
        if part.content is None:
            yield f"*{words.failed}{_line(words.why(part.error))}*" if part.error else f"*{words.missing}*"
        else:
            yield from written(part.content, words)


def _tutorial(content: dict[str, Any], _words: Words) -> Iterator[str]:
    for section in content["sections"]:
        yield f"###### {_line(section['heading'])}"
        yield tamed(section["body"])


def _resources(content: dict[str, Any], words: Words) -> Iterator[str]:
    yield "\n".join(
        f"- [{_line(item['title'])}](<{_address(item['url'])}>) ({words.kinds[item['kind']]}): {_line(item['reason'])}"
        for item in content["items"]
    )


def _quiz(content: dict[str, Any], words: Words) -> Iterator[str]:
    for number, question in enumerate(content["questions"], 1):
        yield f"{number}. {_line(question['prompt'])}"
        yield "\n".join(
            f"   - {letter}: {_line(choice)}"
            for letter, choice in zip(_LETTERS, question["choices"], strict=False)
        )
        yield f"   {words.answer}{_LETTERS[question['answer']]}. {_line(question['explanation'])}"


def _address(url: str) -> str:
    """An address for use between angle brackets: characters that would end it or change its meaning are escaped."""
    return "".join(_WRITTEN.get(character, character) for character in url)


def _line(text: str) -> str:
    """The text on one line, escaped."""
    escaped = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _FIRST.sub(_escaped_first, escaped)


def _escaped_first(found: re.Match[str]) -> str:
    return f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}"
