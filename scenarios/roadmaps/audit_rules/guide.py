"""The guide shows what is declared, in each of its languages."""

import re
from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.export import shown
from scenarios.roadmaps.program import roles_of

GUIDES = ("docs/deploy.md", "docs/deploy.zh.md")
ANY_TIER = "developer"  # whose row is the original guide's own values
BLOCK = re.compile(r"^```env\n(.*?)^```$", re.DOTALL | re.MULTILINE)


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
    blocks = [dict(re.findall(r"^(\w+)=(.*)$", block, re.MULTILINE)) for block in BLOCK.findall(text)]
    by_role = {block.get("SERVICE_TYPE", ""): block for block in blocks}
    for service in subject.services:
        role = service.kind
        place = Place(guide, subject.line(guide, rf"^SERVICE_TYPE={role}$"), service.name)
        declared = shown(subject.deployment, service, ANY_TIER)
        for variable, value in declared.items():
            found = by_role.get(role, {}).get(variable)
            if found != value:
                yield Flaw(place, f"shows {variable}={found}, declared is {value}", f"{variable}={value}")
        for variable in by_role.get(role, {}).keys() - declared.keys():
            yield Flaw(place, f"shows {variable}, which is not declared", "remove it, or declare it")


def _tiers(subject: Subject, guide: str, text: str) -> Iterator[Flaw]:
    for tier in subject.deployment.tiers.values():
        numbers = [*(tier.concurrency[kind] for kind in subject.program.counted), tier.database_pool_size]
        row = f"| {tier.name.title()} | {' | '.join(map(str, numbers))} |"
        if row not in text:
            place = Place(guide, subject.line(guide, rf"^\| {tier.name.title()} "), tier.name)
            yield Flaw(place, "shows other numbers than the tier has", row)


GUIDE = Rule(
    name="guide",
    states="the guide shows every service's variables, every tier's numbers, and what each role says, in both languages",
    why="people deploy by the guide: what it shows and what is tested must be the same",
    judge=_judge,
    compares=True,
)
