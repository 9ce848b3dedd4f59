"""Whatever leaves the private network is encrypted, and the certificate is checked."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject

PRIVATE = (".railway.internal", "localhost")
UNENCRYPTED = {"http", "redis"}
UNVERIFIED = ("sslmode=disable", "sslmode=allow", "sslmode=prefer", "ssl=disable")


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        for variable, value in subject.values(service).items():
            parts = urlsplit(value) if "://" in value else None
            if parts is None or (parts.hostname or "").endswith(PRIVATE):
                continue
            if parts.scheme in UNENCRYPTED:
                yield Flaw(
                    subject.place(service, variable),
                    f"speaks {parts.scheme} to {parts.hostname}, unencrypted",
                    f"use {parts.scheme}s, or a private address",
                )
            elif parts.scheme == "rediss" and not subject.program.verifies(value):
                yield Flaw(
                    subject.place(service, variable),
                    "turns the verification of Redis' certificate off",
                    "leave ssl_cert_reqs out, or set it to required",
                )
            elif any(setting in parts.query for setting in UNVERIFIED):
                yield Flaw(subject.place(service, variable), f"has {parts.query}", "sslmode=verify-full")


TLS = Rule(
    name="tls",
    states="what leaves the private network is encrypted, and its certificate is verified",
    why="an unverified certificate is no protection: whoever sits in between reads the password and every task",
    judge=_judge,
)
