"""Every role has its service."""

from collections import Counter
from collections.abc import Iterator

from harness.deployment.audit.rule import Flaw, Place, Rule, Severity
from harness.deployment.audit.subject import DEPLOY, Subject
from harness.deployment.declaration import SERVICES

OPTIONAL = {"flower"}  # the guide's fourth service


def _judge(subject: Subject) -> Iterator[Flaw]:
    served = Counter(service.role.service_type for service in subject.services)
    for role in subject.roles:
        if not served[role]:
            yield Flaw(
                Place(f"{DEPLOY}/{SERVICES}", name=role),
                f"no service has the SERVICE_TYPE {role}",
                "declare a service for it",
                Severity.WARNING if role in OPTIONAL else Severity.ERROR,
            )
    for service in subject.services:
        if served[service.role.service_type] > 1:
            yield Flaw(
                subject.place(service, "SERVICE_TYPE"),
                f"{served[service.role.service_type]} services have the SERVICE_TYPE {service.role.service_type}",
                "one service a role; more of it are replicas",
            )


ROLES = Rule(
    name="roles",
    states="every role of the program has exactly one service",
    why="a role without a service is work that nobody does: requests would be accepted and stay queued for ever",
    judge=_judge,
)
