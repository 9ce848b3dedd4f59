"""What is audited: declaration, tiers, image, compose, entrypoint and documents, read from a folder; nothing runs."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from harness.deployment.audit.flaw import Place
from harness.deployment.declaration import SERVICES, TIERS, Deployment, Service
from harness.deployment.program import Program
from harness.deployment.railway import PROVIDED
from harness.deployment.references import SHARED, Resolver, UnresolvedReferenceError

SAMPLE = "sample"  # of what a server provides, where the program has no better one
SAMPLE_SECRET = "5f1d0c7b9e3a48826ad1f04e97bc3d56:ops"  # noqa: S105 - stands in for a secret, is none


class Subject:
    """A repository, read once.

    Args:
        root: of the repository.
        program: that is deployed.

    Raises:
        DeploymentError: the declaration cannot be read at all.
    """

    def __init__(self, root: Path, program: Program) -> None:
        self.root = root
        self.program = program
        self.deployment = Deployment.load(root, program)

    @property
    def services(self) -> list[Service]:
        return [*self.deployment.services.values()]

    @property
    def secrets(self) -> frozenset[str]:
        """The variables that are secrets, by the program's own declaration or the deployment's."""
        return self.program.secrets | {*self.deployment.secrets}

    @property
    def declaration(self) -> str:
        """The file that declares the services."""
        return f"{self.program.folder}/{SERVICES}"

    def text(self, path: str) -> str | None:
        """A file of the repository; None if it is not there."""
        try:
            return (self.root / path).read_bytes().decode()  # with the line ends as they are
        except OSError:
            return None

    def line(self, path: str, pattern: str, after: str = "") -> int:
        """The first line that matches, after the first one that does; 0 for none.

        Args:
            path: of the file.
            pattern: of the line.
            after: of a line that comes before it.
        """
        passed = not after
        for number, line in enumerate((self.text(path) or "").splitlines(), 1):
            if passed and re.search(pattern, line):
                return number
            passed = passed or re.search(after, line) is not None
        return 0

    def place(self, service: Service, key: str = "") -> Place:
        """Where a service is declared, or one of its keys or variables."""
        file = self.declaration
        table = rf"^\[services\.{re.escape(service.name)}[\].]"
        if not key:
            return Place(file, self.line(file, table), service.name)
        found = self.line(file, rf"^\s*{re.escape(key)}\s*=", table)
        return Place(file, found, f"{service.name}.{key}")

    def tier_place(self, tier: str, key: str) -> Place:
        """Where a tier says something."""
        file = f"{self.program.folder}/{TIERS}"
        return Place(file, self.line(file, rf"^{key}\s*=", rf"^\[{tier}\]"), f"{tier}.{key}")

    @cached_property
    def resolver(self) -> Resolver:
        """Over everything that could be referred to, Railway's own variables among them."""
        provided = dict.fromkeys(PROVIDED, SAMPLE)
        servers = {
            server: {name: self.program.samples.get(name, SAMPLE) for name in names}
            for server, names in self.deployment.infrastructure.items()
        }
        services = {
            service.name: {**provided, **dict.fromkeys(service.secrets, SAMPLE_SECRET), **service.variables}
            for service in self.services
        }
        return Resolver({**servers, SHARED: self.deployment.shared, **services})

    def unresolved(self) -> Iterator[UnresolvedReferenceError]:
        """Every variable that leads nowhere, once, where it is written."""
        told = set()
        for service in self.services:
            for variable in service.variables:
                try:
                    self.resolver.value(service.name, variable)
                except UnresolvedReferenceError as error:
                    if (error.scope, error.variable) not in told:
                        told.add((error.scope, error.variable))
                        yield error

    def values(self, service: Service) -> dict[str, str]:
        """The service's variables with references followed, without those that lead nowhere; secrets as samples."""
        found = {}
        for variable in (*service.variables, *service.secrets):
            try:
                found[variable] = self.resolver.value(service.name, variable)
            except UnresolvedReferenceError:
                continue
        return found
