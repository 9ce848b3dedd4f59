"""Secrets are defined once, elsewhere only referred to, and never written down."""

import re
from collections.abc import Iterator
from dataclasses import replace

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.references import OPENING, REFERENCE, SHARED

PASSWORDS = re.compile(
    r"://[^/\s@:]*:(?!\d{1,5}[/?#])[^\s@]+@|(?:^|[?&\s])(?:password|passwd|pwd|secret|token|api_?key)=[^&\s]+",
    re.IGNORECASE,
)
# Forms of keys as their issuers write them (GitHub, "Supported secret scanning patterns"): such a value is a key, whatever its
# variable is called.
LIVE_KEYS = re.compile(
    r"\b(?:sk|rk)[-_](?=[\w-]*\d)[\w-]{10,}"
    r"|\bgh[pousr]_\w{30,}|\bgithub_pat_\w{30,}|\bglpat-[\w-]{20,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}|\bxox[abeoprs]-[\w-]{10,}"
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
REFER = "refer to the service that defines it: ${{service.VARIABLE}}"


def written_down(subject: Subject) -> dict[tuple[str, str], Flaw]:
    """Scope and variable -> what is wrong, for each value that shows a secret.

    Args:
        subject: the repository that is judged. Where one variable leads to another, the flaw is reported at the one that shows
            the secret.
    """
    found: dict[tuple[str, str], Flaw] = {}
    leading = []
    for scope, variable, place, value in _declared(subject):
        bare = REFERENCE.sub("", value)
        if PASSWORDS.search(bare):
            found[scope, variable] = Flaw(
                place, "has a password in its address", "refer to the server's variable"
            )
        elif LIVE_KEYS.search(bare) or (variable in subject.secrets and OPENING not in value):
            found[scope, variable] = Flaw(place, "is a secret, written down", REFER)
        elif variable in subject.secrets:
            leading.append((scope, variable, place, value))
    for scope, variable, place, value in leading:
        source = subject.source(scope, variable)
        shown = source is not None and is_shown(subject, variable, source)
        if shown and not any(name in found for name in _named(scope, value)):
            found[scope, variable] = Flaw(place, f"is a secret, written down where {value} leads to", REFER)
    return found


def is_shown(subject: Subject, variable: str, source: str) -> bool:
    """Whether the source of a variable shows a secret, in this variable or in another that it leads to.

    Args:
        subject: that is judged.
        variable: whose value it is.
        source: see Subject.source.
    """
    bare = REFERENCE.sub("", source)
    whole = variable in subject.secrets and OPENING not in source
    return whole or any(pattern.search(bare) for pattern in (PASSWORDS, LIVE_KEYS))


def _declared(subject: Subject) -> Iterator[tuple[str, str, Place, str]]:
    for variable, value in subject.deployment.shared.items():
        yield SHARED, variable, subject.shared_place(variable), value
    for service in subject.services:
        for variable, value in service.variables.items():
            yield service.name, variable, subject.place(service, variable), value


def _named(scope: str, value: str) -> Iterator[tuple[str, str]]:
    """Scope and variable of each reference in a value."""
    for match in REFERENCE.finditer(value):
        owner, _, variable = match[1].strip().rpartition(".")
        yield owner or scope, variable


def _judge(subject: Subject) -> Iterator[Flaw]:
    yield from written_down(subject).values()
    owners: dict[str, str] = {}
    for service in subject.services:
        for secret in service.secrets:
            if secret in owners:
                yield Flaw(
                    replace(subject.place(service, "secrets"), name=f"{service.name}.{secret}"),
                    f"{secret} is defined by {owners[secret]} already",
                    f"{secret} = ${{{{{owners[secret]}.{secret}}}}}",
                )
            owners.setdefault(secret, service.name)


SECRETS = Rule(
    name="secrets",
    states="every secret is defined once and referred to elsewhere, and no value of one is in the repository",
    why="a copy is forgotten when the secret is changed, and what is in a repository is no secret",
    judge=_judge,
)
