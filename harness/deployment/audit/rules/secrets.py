"""A secret is written nowhere, and defined once."""

import re
from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.references import OPENING

CREDENTIALS = re.compile(r"://[^/\s@]*:[^/\s@]+@")


def _judge(subject: Subject) -> Iterator[Flaw]:
    names = subject.secrets
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
