"""The compose file starts the services that are declared, with their variables."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.rules.draining import needed_seconds
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Service
from harness.deployment.references import OPENING

LOOPBACK = "127.0.0.1:"
SUBSTITUTION = re.compile(r"\$\{(\w+)(?::?([-?])([^}]*))?\}")
REQUIRED = re.compile(r"\$\{\w+:?\?")
UNITS = {"s": 1, "m": 60, "h": 3600}
DEFAULT_GRACE = "10s"  # Compose's own


def _judge(subject: Subject) -> Iterator[Flaw]:
    file, chosen_by = subject.program.compose, subject.program.role_variable
    try:
        composed = yaml.safe_load(subject.text(file) or "")
        members = dict(composed["services"])
    except (yaml.YAMLError, TypeError, KeyError) as error:
        yield Flaw(Place(file), f"has no services: {type(error).__name__}", "declare one for each role")
        return
    yield from _differing(subject, members)
    by_role: dict[str, list[str]] = {}
    for name, member in members.items():
        if role := _environment(member).get(chosen_by):
            by_role.setdefault(role, []).append(name)
    for service in subject.services:
        names = by_role.pop(service.kind, [])
        if len(names) != 1:
            said = f"has {len(names)} services of the {chosen_by} {service.kind}"
            yield Flaw(Place(file, name=service.name), said, "one, as it is declared")
        for name in names:
            yield from _member(subject, service, name, members[name])
    for role, names in by_role.items():
        yield Flaw(
            Place(file, name=names[0]), f"plays {role}, which is not declared", "declare it, or remove it"
        )


def _differing(subject: Subject, members: Mapping[str, Any]) -> Iterator[Flaw]:
    """What refers to one thing on Railway is one thing here."""
    environments = {name: _environment(member) for name, member in members.items()}
    for variable in subject.program.same:
        values = {own[variable] for own in environments.values() if variable in own}
        for name, own in environments.items():
            if len(values) > 1 and variable in own:
                said = f"differs between members: {', '.join(sorted(values))}"
                yield Flaw(_place(subject, name, variable), said, "the same for all")


def _member(subject: Subject, service: Service, name: str, member: Mapping[str, Any]) -> Iterator[Flaw]:
    yield from _variables(subject, service, name, _environment(member))
    build = member.get("build") or {}
    if build.get("dockerfile", service.dockerfile) != service.dockerfile:
        place = _place(subject, name, "dockerfile")
        yield Flaw(place, f"builds {build['dockerfile']}", f"dockerfile: {service.dockerfile}")
    grace, needed = (
        _seconds(str(member.get("stop_grace_period", DEFAULT_GRACE))),
        needed_seconds(subject, service),
    )
    if grace < needed:
        said = f"is {grace} s, {service.kind} may need {needed:g}"
        yield Flaw(_place(subject, name, "stop_grace_period"), said, "longer")
    yield from _ports(
        service, _place(subject, name, "ports"), [str(port) for port in member.get("ports", [])]
    )


def _variables(
    subject: Subject, service: Service, name: str, environment: Mapping[str, str]
) -> Iterator[Flaw]:
    secrets = subject.secrets
    for variable in (*service.variables, *service.secrets):
        if variable not in environment:
            place = _place(subject, name, "environment")
            yield Flaw(place, f"does not set {variable}, which is declared", f"{variable}: ...")
    for variable, value in environment.items():
        place, declared = _place(subject, name, variable), service.variables.get(variable)
        if variable in secrets:
            if not REQUIRED.search(value):
                yield Flaw(place, "is a secret, written down or optional", f"${{{variable}:?set it}}")
        elif variable not in subject.program.variables:
            yield Flaw(place, "is read by nobody", "remove it")
        elif declared is not None and OPENING not in declared and _usual(value) != declared:
            said = f"is {_usual(value)!r}, declared is {declared!r}"
            yield Flaw(place, said, f"{variable}: {declared!r}")


def _place(subject: Subject, name: str, key: str) -> Place:
    """Where a member has a key; the first one after its name, for what it inherits stands before."""
    found = subject.line(subject.program.compose, rf"^\s*{re.escape(key)}:", rf"^  {re.escape(name)}:$")
    return Place(subject.program.compose, found, f"{name}.{key}")


def _ports(service: Service, place: Place, ports: list[str]) -> Iterator[Flaw]:
    if not service.public_port and ports:
        yield Flaw(place, f"publishes {', '.join(ports)}, but nothing listens", "remove it")
    for port in ports if service.public_port else ():
        inside = service.variables[service.public_port or ""]
        if not port.endswith(f":{inside}"):
            yield Flaw(place, f"publishes {port}, {service.name} listens on {inside}", f"...:{inside}")
        if not port.startswith(LOOPBACK):
            yield Flaw(place, f"publishes {port} to the whole network", f"{LOOPBACK}...")


def _environment(member: Mapping[str, Any]) -> dict[str, str]:
    given = member.get("environment") or {}
    if isinstance(given, list):
        return dict(entry.partition("=")[::2] for entry in given)
    return {name: f"${{{name}}}" if value is None else str(value) for name, value in given.items()}


def _usual(value: str) -> str:
    """What a value is where whoever starts it has set nothing."""
    return SUBSTITUTION.sub(lambda match: match[3] if match[2] == "-" else match[0], value)


def _seconds(duration: str) -> int:
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smh])", duration))


COMPOSE = Rule(
    name="compose",
    states="the compose file has the declared services with their variables, secrets required, ports on loopback alone",
    why="what is tried out on a machine of one's own and what is deployed must be the same",
    judge=_judge,
    compares=True,
)
