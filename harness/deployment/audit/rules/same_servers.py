"""All roles mean the same database, the same Redis, the same secrets, and whatever else must be the same."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from urllib.parse import parse_qsl

from harness.deployment.audit.flaw import Flaw, Severity
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.rules.secrets import is_shown
from harness.deployment.audit.rules.tls import unprotected
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Service
from harness.deployment.railway import is_the_same_everywhere
from harness.deployment.references import OPENING, REFERENCE, TARGET, reference

# How Railway names the public address of the same server: DATABASE_PUBLIC_URL beside DATABASE_URL.
PUBLIC = "_PUBLIC_"
CHOOSING = {
    "host",
    "hostaddr",
    "port",
    "db",
    "database",
    "dbname",
    "virtual_host",
}  # options that lead to another server or database


def _meant(source: str) -> str:
    """The server that a value leads to, by whichever address; other rules judge its other options."""
    address, _, options = REFERENCE.sub(_of_the_project, source).partition("?")
    chosen = sorted(option for option in parse_qsl(options) if option[0].lower() in CHOOSING)
    return f"{address.replace(PUBLIC, '_')} {chosen}" if chosen else address.replace(PUBLIC, "_")


def _of_the_project(written: re.Match[str]) -> str:
    """Write a variable that Railway gives to all services alike without the service's name."""
    parts = TARGET.fullmatch(written[1].strip())
    return (
        f"{OPENING}{parts['variable']}}}}}"
        if parts and is_the_same_everywhere(parts["variable"])
        else written[0]
    )


def _meanings(
    subject: Subject, variable: str, others: Collection[tuple[str, str]]
) -> dict[str, list[Service]]:
    """The server that the variable leads to -> the services with it. Its source is compared, because addresses of two servers can look alike.

    Args:
        subject: that is judged.
        variable: of it.
        others: services and variables that another rule reports.
    """
    found = defaultdict(list)
    for service in subject.services:
        if variable in service.variables and (service.name, variable) not in others:
            source = subject.source(service.name, variable)
            if source is not None and not is_shown(subject, variable, source):
                found[_meant(source)].append(service)
    owner = next((service for service in subject.services if variable in service.secrets), None)
    if owner is not None:
        found[reference(owner.name, variable)].insert(0, owner)
    return found


def _judge(subject: Subject) -> Iterator[Flaw]:
    others = unprotected(subject)
    for variable in dict.fromkeys((*subject.program.same, *sorted(subject.secrets))):
        meanings = _meanings(subject, variable, others)
        owners = [services for services in meanings.values() if variable in services[0].secrets]
        right = next(iter(owners), max(meanings.values(), key=len, default=[]))
        for services in meanings.values():
            for service in services if services is not right else ():
                written = right[0].variables.get(variable) or reference(right[0].name, variable)
                yield Flaw(
                    subject.place(service, variable),
                    f"is another one than that of {right[0].name}",
                    f"{variable} = {written}",
                )
        if right:
            yield from _without(subject, variable, right[0])


def _without(subject: Subject, variable: str, having: Service) -> Iterator[Flaw]:
    """Who goes by a variable that it does not have, while another service has it: it takes the default, which is another value."""
    default = subject.program.variables.get(variable)
    if subject.values(having).get(variable) == str(default):
        return
    for service in subject.services:
        reads = service.kind in subject.program.readers.get(variable, ())
        if reads and variable not in service.variables and variable not in service.secrets:
            yield Flaw(
                replace(subject.place(service), name=f"{service.name}.{variable}"),
                f"does not set {variable}, which {having.name} has: it goes by the default{'' if default else ', which is none'}",
                f"{variable} = {reference(having.name, variable)}",
                Severity.ERROR if default not in {None, ""} else Severity.WARNING,
            )


SAME_SERVERS = Rule(
    name="same_servers",
    states="all services use the same database, the same Redis, the same provider and the same secrets, and none that needs one goes without",
    why="a worker on another Redis consumes nothing, and on another database finds nothing; neither says so",
    judge=_judge,
)
