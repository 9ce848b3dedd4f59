"""The guide shows what is declared, in each of its languages."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import TIERS
from harness.deployment.export import shown
from scenarios.roadmaps.program import roles_of

GUIDES = ("docs/deploy.md", "docs/deploy.zh.md")
ANY_TIER = "developer"  # its row has the original guide's values
BLOCK = re.compile(
    r"^[ ]*(?P<fence>`{3,}|~{3,})(?P<language>[^\n`]*)\n(?P<body>.*?)^[ ]*(?P=fence)[`~]*[ ]*$",
    re.DOTALL | re.MULTILINE,
)
ENTRY = re.compile(r"^\s*(?:export\s+)?(\w+)=(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One service's variables in the guide.

    Args:
        role: that they choose.
        line: that chooses it.
        entries: each variable and value, with repetitions.
        whole: whether it shows all variables, as a block of the language `env` does.
    """

    role: str
    line: int
    entries: list[tuple[str, str]]
    whole: bool


def _judge(subject: Subject) -> Iterator[Flaw]:
    for guide in GUIDES:
        text = subject.text(guide)
        if text is None:
            yield Flaw(Place(guide), "is missing", "write it")
            continue
        yield from _services(subject, guide, text)
        yield from _tiers(subject, guide, text)
        for role in roles_of(subject).values():
            if f"`{role.banner}`" not in text:
                yield Flaw(
                    Place(guide), f"does not show the banner of {role.service_type}", f"`{role.banner}`"
                )
            for queue in role.queues:
                if f"`{queue}@<host> ready.`" not in text:
                    yield Flaw(
                        Place(guide),
                        f"does not show what the {queue} worker says",
                        f"`{queue}@<host> ready.`",
                    )


def _services(subject: Subject, guide: str, text: str) -> Iterator[Flaw]:
    if ANY_TIER not in subject.deployment.tiers:
        said = f"shows the values of the tier {ANY_TIER}, which is not declared"
        yield Flaw(Place(guide), said, f"declare it in {subject.program.folder}/{TIERS}")
        return
    blocks = [*_blocks(text)]
    for service in subject.services:
        own = [block for block in blocks if block.role == service.kind]
        declared = shown(subject.deployment, service, ANY_TIER)
        if not any(block.whole for block in own):
            said = f"does not show the variables of {service.name}"
            yield Flaw(Place(guide, name=service.name), said, f"a block with SERVICE_TYPE={service.kind}")
        for block in own:
            yield from _variables(Place(guide, block.line, service.name), block, declared)
    kinds = {service.kind for service in subject.services}
    for block in blocks:
        if block.role not in kinds:
            said = f"shows a service of the SERVICE_TYPE {block.role}, which is not declared"
            yield Flaw(Place(guide, block.line), said, "remove it, or declare it")


def _blocks(text: str) -> Iterator[Block]:
    """The blocks with a service's variables, whatever their language is."""
    for found in BLOCK.finditer(text):
        entries = ENTRY.findall(found["body"])
        role = dict(entries).get("SERVICE_TYPE", "").strip("\"' ")
        if re.fullmatch(r"\w+", role):  # otherwise it belongs to another program, or is a command
            before = text.count("\n", 0, found.start("body")) + 1
            at = re.search(r"^\s*(?:export\s+)?SERVICE_TYPE=", found["body"], re.MULTILINE)
            line = before + (found["body"].count("\n", 0, at.start()) if at else 0)
            yield Block(role, line, entries, whole=found["language"].split()[:1] == ["env"])


def _variables(place: Place, block: Block, declared: Mapping[str, str]) -> Iterator[Flaw]:
    said = dict(block.entries)
    for variable, value in declared.items():
        found = said.get(variable)
        wrong = next((one for name, one in block.entries if name == variable and one != value), found)
        if wrong != value and (block.whole or wrong is not None):
            yield Flaw(place, f"shows {variable}={wrong}, declared is {value}", f"{variable}={value}")
    for variable in said.keys() - declared.keys():
        yield Flaw(place, f"shows {variable}, which is not declared", "remove it, or declare it")


def _tiers(subject: Subject, guide: str, text: str) -> Iterator[Flaw]:
    for tier in subject.deployment.tiers.values():
        numbers = [*(tier.concurrency[kind] for kind in subject.program.counted), tier.database_pool_size]
        row = f"| {tier.name.title()} | {' | '.join(map(str, numbers))} |"
        rows = [
            (number, line.strip())
            for number, line in enumerate(text.splitlines(), 1)
            if line.strip().startswith(f"| {tier.name.title()} ")
        ]
        alike = [(number, line) for number, line in rows if line.count("|") == row.count("|")]
        for number, line in alike or rows[:1] or [(0, "")]:
            if line != row:
                place = Place(guide, number, tier.name)
                yield Flaw(place, "shows other numbers than the tier has", row)


GUIDE = Rule(
    name="guide",
    states="the guide shows every service's variables, every tier's numbers, and what each role says, in both languages",
    why="people deploy by the guide: what it shows and what is tested must be the same",
    judge=_judge,
    compares=True,
)
