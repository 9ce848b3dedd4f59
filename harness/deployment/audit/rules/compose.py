"""The compose file starts the services that are declared, with their variables."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from harness.base.compose_port import ComposePort
from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.rules.draining import needed_seconds
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Service
from harness.deployment.libraries import reads
from harness.deployment.references import OPENING

# Takes a tenth of the time, where the C loader was built.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LOOPBACK = "127.0.0.1:"  # a port that is published here is reached from this machine alone
SUBSTITUTION = re.compile(r"\$\{(\w+)(?::?([-?])([^}]*))?\}")
REQUIRED = re.compile(r"\$\{\w+:?\?")
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
DEFAULT_GRACE = "10s"  # Compose's own


def _judge(subject: Subject) -> Iterator[Flaw]:
    file, chosen_by = subject.program.compose, subject.program.role_variable
    try:
        members = _members(yaml.load(subject.text(file) or "", LOADER))  # noqa: S506 - either is a safe one
    except (yaml.YAMLError, ValueError, TypeError, KeyError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        yield Flaw(Place(file, line), f"has no services: {type(error).__name__}", "declare one for each role")
        return
    yield from _differing(subject, members)
    for name, member in members.items():
        yield from _published(subject, name, member)
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


def _members(composed: Any) -> dict[str, Mapping[str, Any]]:
    """The services of a compose file.

    Raises:
        TypeError: it has none, or one that is no table.
        KeyError: it has none.
    """
    services = composed["services"]
    if not (
        isinstance(services, Mapping)
        and all(isinstance(one, Mapping | type(None)) for one in services.values())
    ):
        raise TypeError("a service is no table")
    return {str(name): member or {} for name, member in services.items()}


def _differing(subject: Subject, members: Mapping[str, Any]) -> Iterator[Flaw]:
    """Variables that refer to the same thing on Railway must be equal here."""
    environments = {name: _environment(member) for name, member in members.items()}
    for variable in subject.program.same:
        values = {own[variable] for own in environments.values() if variable in own}
        for name, own in environments.items():
            if len(values) > 1 and variable in own:
                said = f"differs between members: {', '.join(sorted(map(_place_of, values)))}"
                yield Flaw(_place(subject, name, variable), said, "the same for all")


def _place_of(address: str) -> str:
    """An address without user and password."""
    scheme, mark, rest = address.partition("://")
    return scheme + mark + rest.rpartition("@")[2]


def _member(subject: Subject, service: Service, name: str, member: Mapping[str, Any]) -> Iterator[Flaw]:
    yield from _variables(subject, service, name, _environment(member))
    build = member.get("build")
    built = build.get("dockerfile", service.dockerfile) if isinstance(build, Mapping) else service.dockerfile
    if built != service.dockerfile:
        yield Flaw(
            _place(subject, name, "dockerfile"), f"builds {built}", f"dockerfile: {service.dockerfile}"
        )
    grace, needed = (
        _seconds(str(member.get("stop_grace_period", DEFAULT_GRACE))),
        needed_seconds(subject, service),
    )
    if needed is not None and grace < needed:
        said = f"is {grace:g} s, {service.kind} may need {needed:g}"
        yield Flaw(_place(subject, name, "stop_grace_period"), said, "longer")
    place, ports = _place(subject, name, "ports"), _ports(member)
    if not service.public_port and ports:
        said = f"publishes {', '.join(port.text for port in ports)}, but nothing listens"
        yield Flaw(place, said, "remove it")
    for port in ports if service.public_port else ():
        inside = service.variables[service.public_port or ""]
        if port.target != inside:
            said = f"publishes {port.text}, {service.name} listens on {inside}"
            yield Flaw(place, said, f"...:{inside}")


def _variables(
    subject: Subject, service: Service, name: str, environment: Mapping[str, str]
) -> Iterator[Flaw]:
    # Variables that libraries read depend on the place, such as its proxy or its time zone.
    secrets = subject.secrets
    for variable in (*service.variables, *service.secrets):
        if variable not in environment and not reads(variable, subject.program.variables):
            place = _place(subject, name, "environment")
            yield Flaw(place, f"does not set {variable}, which is declared", f"{variable}: ...")
    for variable, value in environment.items():
        place, declared = _place(subject, name, variable), service.variables.get(variable)
        if variable in secrets:
            if not REQUIRED.search(value):
                yield Flaw(place, "is a secret, written down or optional", f"${{{variable}:?set it}}")
        elif variable not in subject.program.variables and not reads(variable, subject.program.variables):
            yield Flaw(place, "is read by nobody", "remove it")
        elif declared is not None and OPENING not in declared and _usual(value) != declared:
            said = f"is {_usual(value)!r}, declared is {declared!r}"
            yield Flaw(place, said, f"{variable}: {declared!r}")


def _place(subject: Subject, name: str, key: str) -> Place:
    """The place of a member's key; the member's first line, if it inherits the key or is written in one line."""
    file, found = subject.program.compose, 0
    indent: str | None = None
    inside = False
    head = re.compile(rf"(\s+)[\"']?{re.escape(name)}[\"']?:(\s|$)")
    for number, line in enumerate((subject.text(file) or "").splitlines(), 1):
        inside = inside or line.startswith("services:")
        if indent is None:
            if inside and (began := head.match(line)):
                found, indent = number, began[1]
        elif re.match(rf"\s*(- )?{re.escape(key)}\s*[:=]", line):
            found = number
            break
        elif re.match(rf"\s{{0,{len(indent)}}}[^\s#]", line):
            break  # here the next member begins
    return Place(file, found, f"{name}.{key}")


def _published(subject: Subject, name: str, member: Mapping[str, Any]) -> Iterator[Flaw]:
    """Every published port, of a role or of a server, is for this machine alone."""
    for port in _ports(member):
        if not port.on_loopback:
            said = f"publishes {port.text} to the whole network"
            yield Flaw(_place(subject, name, "ports"), said, f"{LOOPBACK}...")
    if _usual(str(member.get("network_mode", ""))) == "host":
        said = "has the machine's own network: whatever it listens on is published"
        yield Flaw(_place(subject, name, "network_mode"), said, "remove it")


def _ports(member: Mapping[str, Any]) -> list[ComposePort]:
    written = member.get("ports") or []
    entries = written if isinstance(written, list) else [written]
    return [ComposePort.of(_filled(entry)) for entry in entries]


def _filled(entry: Any) -> Any:
    """A port where the environment sets nothing; a variable without a default is shown by its name."""
    if isinstance(entry, Mapping):
        return {str(name): _filled(value) for name, value in entry.items() if value is not None}
    return SUBSTITUTION.sub(r"${\1}", _usual(str(entry)))


def _environment(member: Mapping[str, Any]) -> dict[str, str]:
    given = member.get("environment") or {}
    if isinstance(given, list):
        entries = [str(entry).partition("=") for entry in given]
        return {name: value if equals else f"${{{name}}}" for name, equals, value in entries}
    if not isinstance(given, Mapping):
        return {}
    return {str(name): f"${{{name}}}" if value is None else str(value) for name, value in given.items()}


def _usual(value: str) -> str:
    """A value where the environment sets nothing."""
    return SUBSTITUTION.sub(lambda match: match[3] if match[2] == "-" else match[0], value)


def _seconds(duration: str) -> float:
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([\d.]+)(us|ms|s|m|h)", duration))


COMPOSE = Rule(
    name="compose",
    states="the compose file has the declared services with their variables, secrets required, ports on loopback alone",
    why="what is tried out on a machine of one's own and what is deployed must be the same",
    judge=_judge,
    compares=True,
)
