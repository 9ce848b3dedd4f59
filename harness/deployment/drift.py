"""Differences between a declaration and the settings on Railway, which are read from a file."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.deployment.audit.flaw import Flaw, Place, Severity
from harness.deployment.audit.rule import Breach, Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Deployment, Service
from harness.deployment.export import followed
from harness.deployment.found import FIELDS, REGIONS, found_in
from harness.deployment.libraries import reads
from harness.deployment.railway import DOCKERFILE_PATH, DRAINING_SECONDS, OVERLAP_SECONDS, READ, engine_of
from harness.deployment.railway_python import BUILDER, KEPT, Found, Settings, named, settings
from harness.deployment.references import SHARED, canonical, targets

DRIFT = Rule(
    name="drift",
    states="what the file sets is what is declared",
    why="what was changed by hand is lost with the next deploy from the declaration, or was forgotten in it",
    judge=lambda _: (),
    gives_way=True,
)
# What Railway has beside variables, and what each deployment may choose for itself: another rule may know more of it.
OWN_FIELDS = {
    *("numReplicas", REGIONS, "region", "limitOverride", "restartPolicyMaxRetries"),
    *("drainingSeconds", "overlapSeconds"),
}
LEAVE = (
    "leave it, if it is meant: values of your own live on Railway; keep them out of the next harness export"
)
AS_DECLARED = "set it there as it is declared"
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


def drift(subject: Subject, path: Path) -> list[Breach]:
    """Every difference, in terms of the tier that the file is nearest to.

    A difference is an error in what has to be alike: names, fields, roles, what is referred to at a server, a tier's processes. Any other
    value is one of the deployment's own: a note.

    Args:
        subject: with the declaration.
        path: of the file: what `harness export` writes in any form, what has become of it, or what
            `railway environment config --json` prints.

    Raises:
        DeploymentError: it cannot be read.
    """
    return differences(subject, path, found_in(path, subject.deployment))[1]


def differences(subject: Subject, path: Path, found: Found) -> tuple[str, list[Breach]]:
    """The tier that a file is nearest to, and every difference; see `drift`.

    Args:
        subject: with the declaration.
        path: of the file.
        found: in it.
    """
    candidates = {tier: [*_differences(subject, path, found, tier)] for tier in subject.deployment.tiers}
    nearest = min(candidates, key=lambda tier: len(candidates[tier]))
    made = _servers(subject, path, found) if found.python else ()
    flaws = (*made, *_shared(subject, path, found), *candidates[nearest])
    return nearest, [Breach(DRIFT, flaw) for flaw in flaws]


def _shared(subject: Subject, path: Path, found: Found) -> Iterator[Flaw]:
    """Differences of the project's own variables, where the file has any; secrets only have to be there."""
    if found.shared is None:
        return
    declared = subject.deployment.shared
    secrets = (*subject.deployment.secrets, *subject.deployment.set_by_hand)
    there = {name.removeprefix("env."): value for name, value in found.shared.values.items()}
    written = [value for one in (*found.services.values(), found.shared) for value in one.values.values()]
    referred = {name for value in written for scope, name in targets(value) if scope == SHARED}
    for name in dict.fromkeys([*declared, *secrets, *there]):
        value, here = there.get(name), declared.get(name)
        secret = name in subject.secrets or not _harmless(name, subject)
        own = name in there and (name in declared or name in referred)
        if name in secrets:
            is_needed = name not in there and name in referred
            what = "is not set there, and services refer to it" if is_needed else ""
        elif value == KEPT or (value is not None and _same(value, SHARED, here)):
            what = ""
        else:
            what = f"is {_said(value, secret)} there, and {_said(here, secret)} as declared"
        if what:
            place = found.shared.place(path, SHARED, named(name), name)
            mend = LEAVE if own else AS_DECLARED if name in declared or name in secrets else "remove it there"
            yield Flaw(place, what, mend, Severity.NOTE if own else Severity.ERROR)


def _servers(subject: Subject, path: Path, found: Found) -> Iterator[Flaw]:
    """Servers that Railway would remove with their data because the file leaves them out, and servers that nobody has declared."""
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
            yield Flaw(place, what, "remove it there")


def _differences(subject: Subject, path: Path, found: Found, tier: str) -> Iterator[Flaw]:
    services, optional = subject.deployment.services, subject.program.optional
    for name in (*services, *(name for name in found.services if name not in services)):
        there = found.services.get(name)
        if there is None:
            if found.whole and services[name].kind not in optional:
                yield Flaw(Place(str(path), 0, name), "is declared and is not there", "deploy it")
            continue
        if name not in services:
            yield Flaw(there.place(path, name), "is there and is not declared", "remove it there")
            continue
        here, resolved = _declared(subject.deployment, services[name], tier, there, found)
        for key in dict.fromkeys([*here, *there.values]):
            value = there.values.get(key)
            if value == KEPT or (value is not None and _same(value, name, here.get(key), resolved.get(key))):
                continue
            secret = key in subject.secrets or not _harmless(key, subject)
            what = (
                f"is {_said(value, secret)} there, and {_said(here.get(key), secret)} as declared for {tier}"
            )
            declared = [text for text in (here.get(key), resolved.get(key)) if text is not None]
            wrong = _must_be_alike(subject, services[name], key, value, declared, tier)
            severity = Severity.ERROR if wrong else Severity.NOTE
            yield Flaw(there.place(path, name, key), what, wrong or LEAVE, severity)


def _must_be_alike(
    subject: Subject, service: Service, key: str, value: str | None, declared: list[str], tier: str
) -> str:
    """How to mend a difference in what has to be alike; empty where a deployment may have a value of its own."""
    program = subject.program
    variable = key.removeprefix("env.")
    servers = {(scope, name) for scope, names in subject.deployment.infrastructure.items() for name in names}
    servers |= {(SHARED, name) for name in subject.deployment.set_by_hand}
    is_field = key == variable and not key.isupper()
    known = variable in program.variables or reads(variable, program.variables) or variable in READ
    mends = (
        (value is None or key in {program.role_variable, DOCKERFILE_PATH}, AS_DECLARED),
        (is_field and key in OWN_FIELDS and value != "0", ""),
        (is_field, AS_DECLARED if declared else "remove it there"),
        (
            key in {DRAINING_SECONDS, OVERLAP_SECONDS},
            "" if (value or "").isdecimal() else "write a number of seconds",
        ),
        (
            key == service.role.concurrency,
            f"have the processes of one tier everywhere, as harness export --tier {tier} writes those of {tier}",
        ),
        (
            any(target in servers for text in declared for target in targets(text)),
            f"refer to it as it is declared; what a server elsewhere provides is a shared variable: --shared {key}",
        ),
        (not declared and not known, "correct its name, or remove it there"),
    )
    return next((mend for holds, mend in mends if holds), "")


def _declared(
    deployment: Deployment, service: Service, tier: str, there: Settings, found: Found
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The declared settings in the form of the file, and the same with references followed: the file may have either."""
    resolved = {named(name): value for name, value in followed(deployment, service, tier).items()}
    written = settings(deployment, service, tier)
    if found.python:
        return written, resolved
    fields = {name: written[name] for name in FIELDS.values() if name in written and found.fields}
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
    """A value as far as it may be shown; a value that is no plain word may hold a secret."""
    if value is None:
        return "not set"
    return "another" if secret or not PLAIN.fullmatch(value) else repr(value)
