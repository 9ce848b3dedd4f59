"""A secret is written nowhere, and defined once."""

import re
from collections.abc import Iterator

from pydantic import SecretStr

from app.core.settings import Settings
from harness.deployment.audit.rule import Flaw, Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.references import OPENING

CREDENTIALS = re.compile(r"://[^/\s@]*:[^/\s@]+@")


def secret_names(subject: Subject) -> set[str]:
    """The variables that are secrets, by the program's own declaration or the deployment's."""
    own = {name.upper() for name, field in Settings.model_fields.items() if field.annotation is SecretStr}
    return own | set(subject.deployment.secrets)


def _judge(subject: Subject) -> Iterator[Flaw]:
    names = secret_names(subject)
    for service in subject.services:
        for variable, value in service.variables.items():
            if variable in names and OPENING not in value:
                yield Flaw(
                    subject.place(service, variable),
                    "is a secret, written down",
                    "refer to the service that defines it: ${{service.VARIABLE}}",
                )
            elif CREDENTIALS.search(value) and OPENING not in value:
                yield Flaw(
                    subject.place(service, variable),
                    "has a password in its address",
                    "refer to the server's variable",
                )
    owners: dict[str, str] = {}
    for service in subject.services:
        for secret in service.secrets:
            if secret in owners:
                yield Flaw(
                    subject.place(service, "secrets"),
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
