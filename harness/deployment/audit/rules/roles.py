"""Every role has its service."""

from collections import Counter
from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw, Place, Severity
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject


def _judge(subject: Subject) -> Iterator[Flaw]:
    chosen_by, optional = subject.program.role_variable, subject.program.optional
    served = Counter(service.kind for service in subject.services)
    for kind in subject.program.roles:
        if not served[kind]:
            yield Flaw(
                Place(subject.declaration, name=kind),
                f"no service has the {chosen_by} {kind}",
                "declare a service for it",
                Severity.WARNING if kind in optional else Severity.ERROR,
            )
    for service in subject.services:
        if served[service.kind] > 1:
            yield Flaw(
                subject.place(service, chosen_by),
                f"{served[service.kind]} services have the {chosen_by} {service.kind}",
                "one service a role; more of it are replicas",
            )


ROLES = Rule(
    name="roles",
    states="every role of the program has exactly one service",
    why="a role without a service is work that nobody does: requests would be accepted and stay queued for ever",
    judge=_judge,
    of_files=True,
)
