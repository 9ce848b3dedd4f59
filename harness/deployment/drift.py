"""What differs between a declaration and what a file says is set on Railway."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Breach, Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Deployment, Service
from harness.deployment.export import followed
from harness.deployment.railway import DOCKERFILE_PATH, DRAINING_SECONDS, OVERLAP_SECONDS, engine_of
from harness.deployment.railway_python import (
    BUILDER,
    KEPT,
    Found,
    Settings,
    is_unset,
    named,
    read_all,
    settings,
    text_of,
)
from harness.deployment.references import SHARED, canonical
from harness.deployment.toml_table import DeploymentError

DRIFT = Rule(
    name="drift",
    states="what the file sets is what is declared",
    why="what was changed by hand is lost with the next deploy from the declaration, or was forgotten in it",
    judge=lambda _: (),
)
# What the JSON says beside variables, and what the declaration calls it; where the sources come from is no part of it.
FIELDS: Mapping[tuple[str, str], str] = {
    ("source", "rootDirectory"): "root",
    ("build", "dockerfilePath"): "dockerfilePath",
    ("deploy", "healthcheckPath"): "healthcheck",
}
HARMLESS = {"root", "builder", "dockerfilePath", "healthcheck", "drainingSeconds", "overlapSeconds"}
SECRET_ENDS = (
    "URL",
    "KEY",
    "PASSWORD",
    "TOKEN",
    "AUTH",
    "SECRET",
    "DSN",
    "ENDPOINT",
    "HEADERS",
    "CERTIFICATE",
)
# No address, no certificate and no list of pairs: their content is never shown.
PLAIN = re.compile(r"[\w.,+*/ -]{0,60}")
# What Railway's command line prints beside what somebody has set, as long as nobody has set it otherwise.
BY_ITSELF = {
    "numReplicas": "1",
    "restartPolicyType": "ON_FAILURE",
    "restartPolicyMaxRetries": "10",
    "buildEnvironment": "V3",
}
REGIONS = "multiRegionConfig"
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # of a service, in place of its name
# What Railway calls the variables of the project, in JSON and in Python.
SHARED_TABLE = "sharedVariables"


def drift(subject: Subject, path: Path) -> list[Breach]:
    """Every difference, in terms of the tier that the file is nearest to.

    Args:
        subject: with the declaration.
        path: of the file: what `harness export` writes as Python or as JSON, what has become of it, or what
            `railway environment config --json` prints.

    Raises:
        DeploymentError: it cannot be read.
    """
    python = path.suffix != ".json"
    found = read_all(path) if python else _of_json(path, subject.deployment)
    made = _servers(subject, path, found) if python else ()
    candidates = [
        [*_differences(subject, path, found, tier, python=python)] for tier in subject.deployment.tiers
    ]
    shared = _shared(subject, path, found)
    return [Breach(DRIFT, flaw) for flaw in (*made, *shared, *min(candidates, key=len))]


def _of_json(path: Path, deployment: Deployment) -> Found:
    try:
        said_of_all = json.loads(path.read_text(encoding="utf-8-sig"))
        made: dict[str, Settings] = {}
        for key, said in said_of_all["services"].items():
            settings_of_one = Settings({**_fields_of(said), **_variables_of(said)})
            name = _name_of(key, settings_of_one, deployment)
            if name not in deployment.infrastructure and not said.get("isDeleted"):
                made[key if name in made else name] = settings_of_one
        shared = (
            _variables_of({"variables": said_of_all[SHARED_TABLE]}) if said_of_all.get(SHARED_TABLE) else None
        )
    except (OSError, UnicodeDecodeError) as error:
        raise DeploymentError(f"{path.name} cannot be read: {error}", path) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DeploymentError(
            f'{path.name} is neither what "harness export --format json" writes nor what Railway\'s command line prints',
            path,
            1,
        ) from None
    return Found(made, {}, {}, None if shared is None else Settings(shared))


def _name_of(key: str, said: Settings, deployment: Deployment) -> str:
    """Of a service that is named by its id: the only one of its role, or the server that provides the same; else what it is named by."""
    if not ID.fullmatch(key):
        return key
    program = deployment.program
    role = said.values.get(named(program.role_variable))
    services = [service.name for service in deployment.services.values() if service.kind == role]
    servers = [
        server
        for server, provided in deployment.infrastructure.items()
        if said.values.keys() >= {named(name) for name in provided}
    ]
    known = services if role else servers
    return known[0] if len(known) == 1 else key


def _fields_of(said: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for table in ("source", "build", "deploy"):
        for key, value in (said.get(table) or {}).items():
            name = FIELDS.get((table, key), "" if table == "source" else key)
            if name and not is_unset(value) and not _by_itself(key, value):
                found[name] = text_of(value)
    return found


def _by_itself(key: str, value: object) -> bool:
    """Whether a field has what Railway gives it, as one replica in whichever region."""
    if key == REGIONS and isinstance(value, Mapping):
        return sum((region or {}).get("numReplicas") or 0 for region in value.values()) <= 1
    return BY_ITSELF.get(key) == text_of(value)


def _variables_of(said: Mapping[str, Any]) -> dict[str, str]:
    """A value that Railway does not show is one that it keeps; one that is null is none."""
    given = {key: one for key, one in (said.get("variables") or {}).items() if one is not None}
    return {
        named(key): KEPT if one.get("isSealed") else text_of(one["value"])
        for key, one in given.items()
        if one.get("isSealed") or one["value"] is not None
    }


def _shared(subject: Subject, path: Path, found: Found) -> Iterator[Flaw]:
    """What the project's own variables have in the file, where it says anything of them; of secrets, that they are there."""
    if found.shared is None:
        return
    declared = subject.deployment.shared
    secrets = (*subject.deployment.secrets, *subject.deployment.set_by_hand)
    there = {name.removeprefix("env."): value for name, value in found.shared.values.items()}
    for name in dict.fromkeys([*declared, *secrets, *there]):
        value, here = there.get(name), declared.get(name)
        secret = name in subject.secrets or not _harmless(name, subject)
        if name in secrets:
            what = "" if name in there else "is not set there, and services refer to it"
        elif value == KEPT or (value is not None and _same(value, SHARED, here)):
            what = ""
        else:
            what = f"is {_said(value, secret)} there, and {_said(here, secret)} as declared"
        if what:
            place = Place(str(path), found.shared.lines.get(named(name), 0), f"{SHARED}.{name}")
            yield Flaw(place, what, f"change it in {subject.declaration}, or there")


def _servers(subject: Subject, path: Path, found: Found) -> Iterator[Flaw]:
    """What Railway would take away, with its data, because the file leaves it out; and what nobody has declared."""
    declared = {name: engine_of(names) for name, names in subject.deployment.infrastructure.items()}
    for name, engine in declared.items():
        there = found.servers.get(name, "")
        if engine and there != engine:
            what = (
                f"is a {there} there, and a {engine} as declared" if there else "is declared and is not there"
            )
            mend = f"write {engine}({name!r}), or what Railway has by this name would go with its data"
            yield Flaw(Place(str(path), found.lines.get(name, 0), name), what, mend)
    for name, kind in found.servers.items():
        if name not in declared:
            what = f"is a {kind} there and is not declared"
            place = Place(str(path), found.lines[name], name)
            yield Flaw(place, what, f"declare it in {subject.declaration}, or remove it")


def _differences(subject: Subject, path: Path, found: Found, tier: str, *, python: bool) -> Iterator[Flaw]:
    services = subject.deployment.services
    for name in (*services, *(name for name in found.services if name not in services)):
        there = found.services.get(name)
        if there is None:
            yield Flaw(Place(str(path), 0, name), "is declared and is not there", "deploy it, or take it out")
            continue
        if name not in services:
            place = Place(str(path), there.lines.get("", 0), name)
            yield Flaw(
                place, "is there and is not declared", f"declare it in {subject.declaration}, or remove it"
            )
            continue
        here, resolved = _declared(subject.deployment, services[name], tier, there, python=python)
        for key in dict.fromkeys([*here, *there.values]):
            value = there.values.get(key)
            if value == KEPT or (value is not None and _same(value, name, here.get(key), resolved.get(key))):
                continue
            place = Place(str(path), there.lines.get(key, there.lines.get("", 0)), f"{name}.{key}")
            secret = key in subject.secrets or not _harmless(key, subject)
            yield Flaw(
                place,
                f"is {_said(value, secret)} there, and {_said(here.get(key), secret)} as declared for {tier}",
                f"change it in {subject.declaration}, or there",
            )


def _declared(
    deployment: Deployment, service: Service, tier: str, there: Settings, *, python: bool
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What is declared, in the form that the file has, and the same with references followed: either will do."""
    resolved = {named(name): value for name, value in followed(deployment, service, tier).items()}
    written = settings(deployment, service, tier)
    if python:
        return written, resolved
    fields = {name: written[name] for name in FIELDS.values() if name in written}
    if "builder" in there.values:
        fields["builder"] = BUILDER
    return {**fields, **resolved}, {name: value for name, value in written.items() if name in resolved}


def _same(value: str, holder: str, *declared: str | None) -> bool:
    return canonical(value, holder) in {canonical(one, holder) for one in declared if one is not None}


def _harmless(key: str, subject: Subject) -> bool:
    """Whether a value may be shown: an address may hold a password."""
    known = HARMLESS | {DOCKERFILE_PATH, DRAINING_SECONDS, OVERLAP_SECONDS}
    return key in known or (key in subject.program.variables and not key.endswith(SECRET_ENDS))


def _said(value: str | None, secret: bool) -> str:
    """A value as far as it may be shown; what is no plain word may hold anything."""
    if value is None:
        return "not set"
    return "another" if secret or not PLAIN.fullmatch(value) else repr(value)
