"""The guide must say the same in each language: anything that only one language has is named, with its section."""

import re
from calendar import month_name
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from scenarios.roadmaps.audit_rules.guide import BLOCK, GUIDE, GUIDES

HEADING = re.compile(r"^(#{2,4}) +(?:\S+ +)?(?P<number>\d+(?:\.\d+)*)\.? +\S.*$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)|<(https?://[^>\s]+)>")
NUMBER = re.compile(r"(?<![A-Za-z0-9_.,])\d+(?:,\d{3})*(?:\.\d+)?(?![A-Za-z0-9_]*[A-Za-z])")
MONTHS = [*month_name][1:]
LANGUAGE = re.compile(r"\.zh(?=\.md)")  # part of a document's name
ANCHOR = re.compile(r"#.*")  # an anchor comes from a heading, which is translated
LONGEST = 60  # characters of a block in a message


@dataclass(frozen=True, slots=True)
class Section:
    """The parts of a section that are the same in every language.

    Args:
        line: of its heading.
        told: kind -> the section's blocks, words of code, links, numbers and rows of tables.
    """

    line: int
    told: dict[str, Counter[str]]


def sections(text: str) -> dict[str, Section]:
    """Number -> section of a guide; the text before the first section has the number ''.

    Args:
        text: of the guide.
    """
    blocks = [(found.start(), found.end()) for found in BLOCK.finditer(text)]
    heads = [
        found
        for found in HEADING.finditer(text)
        if not any(start <= found.start() < end for start, end in blocks)
    ]
    cuts = [("", 0), *((found["number"], found.start()) for found in heads)]
    ends = [*(start for _, start in cuts[1:]), len(text)]
    return {
        number: Section(text.count("\n", 0, start) + 1, _told(text[start:end]))
        for (number, start), end in zip(cuts, ends, strict=True)
    }


def _told(text: str) -> dict[str, Counter[str]]:
    blocks = [found["body"].strip() for found in BLOCK.finditer(text)]
    prose = BLOCK.sub("", text)
    links = [ANCHOR.sub("", LANGUAGE.sub("", first or second)) for first, second in LINK.findall(prose)]
    code = CODE.findall(prose)
    bare = LINK.sub("]", CODE.sub("", prose))
    rows = [line.count("|") for line in bare.splitlines() if line.startswith("|")]
    for number, month in enumerate(MONTHS, 1):
        bare = re.sub(rf"\b{month}\b", str(number), bare)
    return {
        "the block": Counter(blocks),
        "`code`": Counter(code),
        "the link": Counter(links),
        "the number": Counter(number.replace(",", "") for number in NUMBER.findall(bare)),
        "the row of a table": Counter(f"with {columns - 1} columns" for columns in rows),
    }


def _judge(subject: Subject) -> Iterator[Flaw]:
    if any(GUIDE.judge(subject)):
        return  # another rule names the wrong one already
    found = {guide: sections(subject.text(guide) or "") for guide in GUIDES}
    for guide, own in found.items():
        for other, theirs in found.items():
            if guide != other:
                yield from _lost(guide, own, other, theirs)


def _lost(guide: str, own: dict[str, Section], other: str, theirs: dict[str, Section]) -> Iterator[Flaw]:
    """The parts of the other guide that this one lacks."""
    for number, section in theirs.items():
        if number not in own:
            yield Flaw(Place(guide), f"has no section {number}, which {other} has", "write it")
            continue
        mine = own[number]
        place = Place(guide, mine.line, f"section {number}" if number else "")
        for kind, told in section.told.items():
            for one in told - mine.told[kind]:
                shown = (one if len(one) <= LONGEST else f"{one[:LONGEST]}...").replace("\n", " / ")
                said = f"has not {kind} {shown} as often as {other}"
                yield Flaw(place, said, "say the same in both")


LANGUAGES = Rule(
    name="languages",
    states="the guide has the same sections, blocks, code, links, numbers and tables in each of its languages",
    why="who reads one language would deploy something else than who reads the other",
    judge=_judge,
    compares=True,
    of_files=True,
)
