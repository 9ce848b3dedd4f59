"""The repository that is audited: declaration, tiers, image, compose, entrypoint and documents, read from a folder; nothing runs."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from harness.deployment.audit.flaw import Place
from harness.deployment.declaration import SERVICES, TIERS, Deployment, Service
from harness.deployment.program import Program
from harness.deployment.railway import PROVIDED, PUBLIC_DOMAIN, SAMPLES, provided
from harness.deployment.references import REFERENCE, SHARED, TARGET, Resolver, UnresolvedReferenceError
from harness.deployment.toml_table import line_of

SAMPLE = "sample"  # of what a server provides, where the program has no better one
# Stands in for a secret, and is none: long and irregular, so that nobody takes it for a weak one.
SAMPLE_SECRET = "5f1d0c7b9e3a48826ad1f04e97bc3d56:c07e5ab941d83f26e8b1d20f7a6c9354"  # noqa: S105


class UnreadableError(Exception):
    """A file that is there and cannot be read as text.

    Args:
        place: where.
        problem: why.
    """

    def __init__(self, place: Place, problem: str) -> None:
        self.place = place
        self.problem = problem
        super().__init__(f"{place} {problem}")


class Subject:
    """A repository, read once.

    Args:
        root: of the repository.
        program: that is deployed.
        shared: variables that a server elsewhere provides; see `Deployment.sharing`.

    Raises:
        DeploymentError: the declaration cannot be read at all.
    """

    def __init__(self, root: Path, program: Program, shared: Collection[str] = ()) -> None:
        self.root = root
        self.program = program
        self.deployment = Deployment.load(root, program).sharing(shared)

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
        """A file of the repository; None if it is not there.

        Raises:
            UnreadableError: it is no readable text file.
        """
        content = b""
        try:
            content = (self.root / path).read_bytes()
            return content.decode()  # keeps the line ends as they are
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UnreadableError(Place(path), f"cannot be read: {error.strerror}") from None
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise UnreadableError(
                Place(path, line), f"is not UTF-8: byte 0x{content[error.start]:02x}"
            ) from None

    def line(self, path: str, pattern: str, after: str = "") -> int:
        """The first line that matches `pattern`, after the first line that matches `after`; 0 for none.

        Args:
            path: of the file.
            pattern: of the line.
            after: of a line that comes before it.
        """
        return line_of(self.text(path) or "", pattern, after)

    def place(self, service: Service, key: str = "") -> Place:
        """The place where a service is declared, or one of its keys or variables."""
        file = self.declaration
        table = rf"^\[services\.[\"']?{re.escape(service.name)}[\"']?[\].]"
        if not key:
            return Place(file, self.line(file, table), service.name)
        found = self.line(file, rf"^\s*{re.escape(key)}\s*=", table)
        return Place(file, found, f"{service.name}.{key}")

    def tier_place(self, tier: str, key: str) -> Place:
        """The place of a tier's key."""
        file = f"{self.program.folder}/{TIERS}"
        return Place(file, self.line(file, rf"^{key}\s*=", rf"^\[{tier}\]"), f"{tier}.{key}")

    def shared_place(self, variable: str) -> Place:
        """The place where a variable of the scope `shared` is declared."""
        found = self.line(self.declaration, rf"^\s*{re.escape(variable)}\s*=", r"^\s*\[shared\]")
        return Place(self.declaration, found, f"{SHARED}.{variable}")

    @cached_property
    def resolver(self) -> Resolver:
        """A resolver over everything that can be referred to, Railway's own variables included."""
        return Resolver(self._scopes)

    @cached_property
    def sources(self) -> Resolver:
        """The same resolver, but references to secrets and to variables that a server or Railway provides stay references."""
        given = self.deployment.given
        return Resolver(
            self._scopes, kept={(scope, name) for scope, names in given.items() for name in names}
        )

    @cached_property
    def _scopes(self) -> Mapping[str, Mapping[str, str]]:
        domains = provided(service.name for service in self.services) - PROVIDED
        samples = {**dict.fromkeys(domains, PUBLIC_DOMAIN), **SAMPLES, **self.program.samples}
        scopes = {
            scope: {name: samples.get(name, SAMPLE) for name in names}
            for scope, names in self.deployment.given.items()
        }
        for service in self.services:
            secrets = {name: self.program.samples.get(name, SAMPLE_SECRET) for name in service.secrets}
            scopes[service.name] |= {**secrets, **service.variables}
        scopes[SHARED] = {**scopes.get(SHARED, {}), **self.deployment.shared}
        return scopes

    def source(self, scope: str, variable: str) -> str | None:
        """The source of a variable: its value, resolved down to a server's variable or a secret; None if it leads nowhere.

        Args:
            scope: a service, or `shared`.
            variable: its variable, which need not be set.
        """
        try:
            return self.sources.value(scope, variable)
        except (KeyError, UnresolvedReferenceError):
            return None

    def unresolved(self) -> Iterator[UnresolvedReferenceError]:
        """Every variable that leads nowhere, reported once, where it is written."""
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

    def leads_to(self, scope: str, variable: str) -> tuple[str, str] | None:
        """The scope and variable whose value a variable has as it is; None where it has one of its own.

        Args:
            scope: a service, or `shared`.
            variable: of it.
        """
        text = self._scopes.get(scope, {}).get(variable, "")
        match = REFERENCE.fullmatch(text.strip())
        parts = TARGET.fullmatch(match[1].strip()) if match else None
        return (parts["scope"] or scope, parts["variable"]) if parts else None

    def known(self, service: Service) -> dict[str, str]:
        """Of the service's values those that the program reads."""
        return {name: value for name, value in self.values(service).items() if name in self.program.variables}

    def problems(self, service: Service) -> Mapping[str, str]:
        """What the program has against the service's values, one by one: variable -> what."""
        return self.program.problems(self.known(service))

    def refused(self, service: Service) -> Mapping[str, str]:
        """Why the program would not start with the service's values: variable -> why."""
        return self.program.refuses(self.known(service))

    def doubted(self, service: Service) -> Mapping[str, str]:
        """Which of the service's values do otherwise than somebody may believe: variable -> what."""
        return {} if self.refused(service) else self.program.doubts(self.known(service))

    def number(self, service: Service, variable: str) -> float | None:
        """The number that a service's variable has in the end; None where the value is no number and the program reports it.

        Raises:
            ValueError: it is no number, but the program accepts it.
        """
        value = self.program.value(variable, self.values(service))
        try:
            return float(value)
        except (TypeError, ValueError):
            if variable in self.problems(service):
                return None
            raise ValueError(f"{service.name}.{variable} is {value!r}, which is no number") from None
