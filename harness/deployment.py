"""What is deployed, and with which variables: the one reader of deploy/services.toml and deploy/tiers.toml.

A stack, an audit and an export all start from here, so that what is tested is what is deployed.
"""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

from app.roles import ROLES, Role
from harness.references import SHARED, Resolver, did_you_mean

FOLDER = Path(__file__).parents[1] / "deploy"
COUNTED_ROLES = tuple(role.service_type for role in ROLES.values() if role.concurrency)

Value = TypeVar("Value")


class DeploymentError(Exception):
    """A declaration that cannot be used, or a value that it asks for and was not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One program that is deployed.

    Args:
        name: as Railway and the references to it know it.
        role: what its SERVICE_TYPE makes of it.
        dockerfile: path from the root directory.
        public_port: the variable with the port that the internet may reach; None for a worker.
        variables: name -> value as it is written, with its references.
        secrets: names of variables whose value is never written down.
    """

    name: str
    role: Role
    dockerfile: str
    public_port: str | None = None
    variables: Mapping[str, str]
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One row of the concurrency table, and the plan under it.

    Args:
        name: of the row.
        concurrency: SERVICE_TYPE -> processes.
        database_pool_size: connections that one process may hold.
        memory_mb: of one service.
        cpus: of one service; None where they are shared.
    """

    name: str
    concurrency: Mapping[str, int]
    database_pool_size: int
    memory_mb: int
    cpus: int | None = None

    def variables(self, service: Service) -> dict[str, str]:
        """What this tier sets for a service."""
        found: dict[str, str] = {}
        if service.role.concurrency:
            found[service.role.concurrency] = str(self.concurrency[service.role.service_type])
        if "DATABASE_URL" in service.variables:
            found["DATABASE_POOL_SIZE"] = str(self.database_pool_size)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Everything that is deployed.

    Args:
        infrastructure: server -> the variables it provides.
        services: by name.
        tiers: by name.
        shared: variables that belong to no service.
    """

    infrastructure: Mapping[str, tuple[str, ...]]
    services: Mapping[str, Service]
    tiers: Mapping[str, Tier]
    shared: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """Read the declarations.

        Args:
            folder: holds services.toml and tiers.toml.

        Raises:
            DeploymentError: a file is missing or wrong; names file, table and key.
        """
        root = _Table.of(folder / "services.toml")
        servers = root.table("infrastructure")
        deployment = cls(
            infrastructure={name: servers.texts(name) for name in servers.content},
            services={name: _service(name, table) for name, table in root.tables("services")},
            shared=root.strings("shared"),
            tiers={name: _tier(name, table) for name, table in _Table.of(folder / "tiers.toml").tables()},
        )
        root.refuse_others()
        for name in deployment.services:
            if name == SHARED or name in deployment.infrastructure:
                raise root.error("services", f"{name} is taken: references could not tell the two apart")
        return deployment

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of all secrets, each once."""
        return tuple(dict.fromkeys(name for service in self.services.values() for name in service.secrets))

    def environments(
        self,
        *,
        tier: str,
        provided: Mapping[str, Mapping[str, str]],
        secrets: Mapping[str, str],
        overrides: Mapping[str, str] | None = None,
    ) -> dict[str, dict[str, str]]:
        """What each service's environment holds once every reference is followed.

        Args:
            tier: name of the row that says how many processes there are.
            provided: server -> variable -> value, for all that the infrastructure provides.
            secrets: name -> value, for all secrets.
            overrides: name -> value; replaces the variable in every service that has it, and is given to every
                service when none has it.

        Returns:
            Service -> variable -> value.

        Raises:
            DeploymentError: an unknown tier, or a provided value or secret that is missing or that nothing declares.
            UnresolvedReferenceError: a reference leads nowhere.
        """
        if tier not in self.tiers:
            raise DeploymentError(f'there is no tier "{tier}"; {did_you_mean(tier, self.tiers)}')
        _same("infrastructure", provided, self.infrastructure)
        for server, declared in self.infrastructure.items():
            _same(f"variable of {server}", provided[server], declared)
        _same("secret", secrets, self.secrets)
        services = {
            service.name: {
                **service.variables,
                **self.tiers[tier].variables(service),
                **{name: secrets[name] for name in service.secrets},
            }
            for service in self.services.values()
        }
        for name, value in (overrides or {}).items():
            having = [variables for variables in services.values() if name in variables]
            for variables in having or services.values():
                variables[name] = value
        resolver = Resolver({**provided, SHARED: self.shared, **services})
        return {name: resolver.environment(name) for name in services}


def _service(name: str, table: "_Table") -> Service:
    variables = table.strings("variables")
    service_type = variables.get("SERVICE_TYPE", "")
    if service_type not in ROLES:
        problem = f'"{service_type}" is no role; {did_you_mean(service_type, ROLES)}'
        raise table.table("variables").error("SERVICE_TYPE", problem)
    service = Service(
        name=name,
        role=ROLES[service_type],
        dockerfile=table.value("dockerfile", str),
        public_port=table.optional("public_port", str),
        variables=variables,
        secrets=table.texts("secrets"),
    )
    table.refuse_others()
    if service.public_port and service.public_port not in variables:
        raise table.error(
            "public_port", f"names no variable of it; {did_you_mean(service.public_port, variables)}"
        )
    for secret in service.secrets:
        if secret in variables:
            raise table.error(
                "secrets", f"{secret} has a value among the variables, where everybody can read it"
            )
    return service


def _tier(name: str, table: "_Table") -> Tier:
    concurrency = table.table("concurrency")
    tier = Tier(
        name=name,
        concurrency={role: concurrency.count(role) for role in COUNTED_ROLES},
        database_pool_size=table.count("database_pool_size"),
        memory_mb=table.count("memory_mb"),
        cpus=table.optional("cpus", int),
    )
    concurrency.refuse_others()
    table.refuse_others()
    return tier


def _same(what: str, given: Collection[str], declared: Collection[str]) -> None:
    for name in declared:
        if name not in given:
            raise DeploymentError(f"the {what} {name} was given no value")
    for name in given:
        if name not in declared:
            raise DeploymentError(f'nothing declares the {what} "{name}"; {did_you_mean(name, declared)}')


class _Table:
    """One table of a TOML file, read key by key, so that every error says where it is.

    Args:
        file: name of the file, for errors.
        path: of the table, for errors.
        content: the table.
    """

    def __init__(self, file: str, path: tuple[str, ...], content: dict[str, Any]) -> None:
        self.content = content
        self._file = file
        self._path = path
        self._known: set[str] = set()

    @classmethod
    def of(cls, path: Path) -> Self:
        try:
            return cls(path.name, (), tomllib.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise DeploymentError(f"{path} is missing") from None
        except tomllib.TOMLDecodeError as error:
            raise DeploymentError(f"{path.name} is not TOML: {error}") from None

    def error(self, key: str, problem: str) -> DeploymentError:
        table = f"[{'.'.join(self._path)}] " if self._path else ""
        return DeploymentError(f"{self._file}: {table}{key}: {problem}")

    def optional(self, key: str, kind: type[Value]) -> Value | None:
        self._known.add(key)
        value = self.content.get(key)
        if value is None or type(value) is kind:
            return value
        raise self.error(key, f"must be {_KINDS[kind]}, not {value!r}")

    def value(self, key: str, kind: type[Value]) -> Value:
        value = self.optional(key, kind)
        if value is None:
            raise self.error(key, f"is missing; it must be {_KINDS[kind]}")
        return value

    def count(self, key: str) -> int:
        value = self.value(key, int)
        if value < 1:
            raise self.error(key, f"must be 1 or more, not {value}")
        return value

    def table(self, key: str) -> "_Table":
        return _Table(self._file, (*self._path, key), self.value(key, dict))

    def tables(self, key: str | None = None) -> Iterable[tuple[str, "_Table"]]:
        parent = self.table(key) if key else self
        return ((name, parent.table(name)) for name in parent.content)

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.optional(key, list) or []
        for value in values:
            if type(value) is not str:
                raise self.error(key, f"must hold strings, not {value!r}")
        return tuple(values)

    def strings(self, key: str) -> dict[str, str]:
        table = _Table(self._file, (*self._path, key), self.optional(key, dict) or {})
        return {name: table.value(name, str) for name in table.content}

    def refuse_others(self) -> None:
        """Refuse the keys that nobody asked for."""
        for key in self.content:
            if key not in self._known:
                raise self.error(key, f"is unknown; {did_you_mean(key, self._known)}")


_KINDS = {str: "a string", int: "a whole number", list: "a list", dict: "a table"}
