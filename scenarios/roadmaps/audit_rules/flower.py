"""Flower's pages ask for a password."""

from collections.abc import Iterator
from dataclasses import replace

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject

VARIABLE = "FLOWER_BASIC_AUTH"


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        if service.kind != "flower":
            continue
        if VARIABLE not in service.secrets and VARIABLE not in service.variables:
            yield Flaw(
                replace(subject.place(service), name=f"{service.name}.{VARIABLE}"),
                f"does not set {VARIABLE}: its pages would be open to everybody",
                f'secrets = ["{VARIABLE}"]',
            )
        shown = [word for word in service.role.command if "basic" in word or "broker" in word]
        if shown:
            yield Flaw(
                subject.place(service),
                f"its command has {', '.join(shown)}, which every process list shows",
                f"{VARIABLE} and REDIS_URL in the environment",
            )


FLOWER = Rule(
    name="flower",
    states="Flower has a password, and neither that nor the broker's address is among its arguments",
    why="Flower shows every task's arguments and can end workers; its own default is to ask nobody for anything",
    judge=_judge,
)
