"""The deployed services and their variables: the one reader of services.toml and tiers.toml.

A stack, an audit and an export all start from here, so that the tested services are the deployed ones.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from harness.application import Tier
from harness.deployment.program import Program, ProgramRole
from harness.deployment.railway import own_of, provided
from harness.deployment.references import SHARED, Resolver, did_you_mean, redirected
from harness.deployment.toml_table import DeploymentError, Table

SERVICES, TIERS = "services.toml", "tiers.toml"

__all__ = ["Deployment", "DeploymentError", "NotShareableError", "Service", "read_tiers"]


class NotShareableError(DeploymentError):
    """The name is no variable that exactly one server provides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One program that is deployed.

    Args:
        name: as Railway and the references to it know it.
        kind: kind of its role; the program's roles and a tier's concurrency are listed by it.
        role: that it plays.
        root_directory: the only folder of the repository that its build sees; `/` for all of it.
        dockerfile: path from the root directory.
        public_port: the variable with the port that the internet may reach; None for a worker.
        health_check: the path that a deploy waits for; None for none.
        build_command: replaces the Dockerfile's; must be empty.
        start_command: replaces the image's entrypoint; must be empty.
        draining_seconds: time between SIGTERM and SIGKILL when a deployment is taken away.
        overlap_seconds: time that the old deployment runs beside the new one before its SIGTERM.
        variables: name -> value as it is written, with its references.
        secrets: names of variables whose value is never written down.
        replicas: how many of it there are.
    """

    name: str
    kind: str
    role: ProgramRole
    root_directory: str
    dockerfile: str
    public_port: str | None = None
    health_check: str | None = None
    build_command: str = ""
    start_command: str = ""
    draining_seconds: int
    overlap_seconds: int
    variables: Mapping[str, str]
    secrets: tuple[str, ...] = ()
    replicas: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Everything that is deployed.

    Args:
        program: that plays every role.
        infrastructure: server -> the variables it provides.
        services: by name.
        tiers: by name.
        shared: variables that belong to no service.
        set_by_hand: variables that belong to no service and whose values are declared nowhere.
    """

    program: Program
    infrastructure: Mapping[str, tuple[str, ...]]
    services: Mapping[str, Service]
    tiers: Mapping[str, Tier]
    shared: Mapping[str, str] = field(default_factory=dict)
    set_by_hand: tuple[str, ...] = ()

    @classmethod
    def load(cls, root: Path, program: Program) -> Self:
        """Read the declarations.

        Args:
            root: of the repository, with the program's folder in which they are.
            program: whose services they are.

        Raises:
            DeploymentError: a file is missing or wrong; names file, table and key.
        """
        folder = root / program.folder
        declared = Table.of(folder / SERVICES)
        servers = declared.table("infrastructure")
        deployment = cls(
            program=program,
            infrastructure={name: servers.texts(name) for name in servers.content},
            services={name: _service(name, table, program) for name, table in declared.tables("services")},
            shared=declared.strings("shared"),
            tiers=read_tiers(folder, program.counted, pools=bool(program.database)),
        )
        declared.refuse_others()
        for name in deployment.services:
            if name == SHARED or name in deployment.infrastructure:
                raise declared.error("services", f"{name} is taken: references could not tell the two apart")
        return deployment

    def sharing(self, names: Collection[str]) -> Self:
        """The same deployment with a server elsewhere: its variables are shared variables, to which all services refer.

        Args:
            names: of variables that a server provides.

        Raises:
            NotShareableError: no server provides one of them, or several do.
        """
        moved = set()
        for name in names:
            owners = [server for server, provided in self.infrastructure.items() if name in provided]
            if not owners:
                known = [one for provided in self.infrastructure.values() for one in provided]
                raise NotShareableError(f'no server provides "{name}"; {did_you_mean(name, known)}')
            if len(owners) > 1:
                raise NotShareableError(
                    f"{name} is provided by {' and '.join(owners)}: it cannot be one variable"
                )
            moved.add((owners[0], name))
        left = {
            server: tuple(name for name in provided if name not in names)
            for server, provided in self.infrastructure.items()
        }
        services = {
            service.name: replace(
                service,
                variables={
                    name: redirected(value, moved, SHARED) for name, value in service.variables.items()
                },
            )
            for service in self.services.values()
        }
        return replace(
            self,
            infrastructure={server: provided for server, provided in left.items() if provided},
            services=services,
            set_by_hand=tuple(names),
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of all secrets, each once."""
        return tuple(dict.fromkeys(name for service in self.services.values() for name in service.secrets))

    @property
    def given(self) -> dict[str, tuple[str, ...]]:
        """Server or service -> its variables on Railway whose values are not declared: provided ones, and secrets."""
        everywhere = provided(self.services)
        servers = {
            name: tuple(dict.fromkeys((*everywhere, *own_of(names), *names)))
            for name, names in self.infrastructure.items()
        }
        by_hand = {SHARED: self.set_by_hand} if self.set_by_hand else {}
        return (
            servers
            | by_hand
            | {
                service.name: (*sorted(everywhere - service.variables.keys()), *service.secrets)
                for service in self.services.values()
            }
        )

    def environments(
        self,
        *,
        tier: str,
        provided: Mapping[str, Mapping[str, str]],
        secrets: Mapping[str, str],
        overrides: Mapping[str, str] | None = None,
    ) -> dict[str, dict[str, str]]:
        """The environment of each service, with every reference followed.

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
            service.name: {**self.written(service, tier), **{name: secrets[name] for name in service.secrets}}
            for service in self.services.values()
        }
        for name, value in (overrides or {}).items():
            having = [variables for variables in services.values() if name in variables]
            for variables in having or services.values():
                variables[name] = value
        resolver = Resolver({**provided, SHARED: self.shared, **services}, SERVICES)
        return {name: resolver.environment(name) for name in services}

    def written(self, service: Service, tier: str) -> dict[str, str]:
        """The variables of a service as they are written, with the tier's, without the secrets.

        Args:
            service: of this deployment.
            tier: a row of the table.
        """
        return {**service.variables, **self._counted(service, self.tiers[tier])}

    def _counted(self, service: Service, tier: Tier) -> dict[str, str]:
        """The variables that a tier sets for a service."""
        found: dict[str, str] = {}
        if service.role.concurrency:
            found[service.role.concurrency] = str(tier.concurrency[service.kind])
        if self.program.database in service.variables:
            found[self.program.pool_size] = str(tier.database_pool_size)
        return found


def _service(name: str, table: Table, program: Program) -> Service:
    variables = table.strings("variables")
    kind = variables.get(program.role_variable, "")
    if kind not in program.roles:
        problem = f'"{kind}" is no role; {did_you_mean(kind, program.roles)}'
        raise table.table("variables").error(program.role_variable, problem)
    service = Service(
        name=name,
        kind=kind,
        role=program.roles[kind],
        root_directory=table.value("root_directory", str),
        dockerfile=table.value("dockerfile", str),
        public_port=table.optional("public_port", str),
        health_check=table.optional("health_check", str),
        build_command=table.value("build_command", str),
        start_command=table.value("start_command", str),
        draining_seconds=table.count("draining_seconds", least=0),
        overlap_seconds=table.count("overlap_seconds", least=0),
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


def read_tiers(folder: Path, counted: Collection[str], *, pools: bool = True) -> dict[str, Tier]:
    """The rows of the concurrency table alone.

    Args:
        folder: with the declarations.
        counted: kinds of roles that have a number in each row.
        pools: whether each row says how many connections a process may hold.

    Raises:
        DeploymentError: the file is missing or wrong; names file, table and key.
    """
    declared = Table.of(folder / TIERS)
    if not declared.content:
        raise DeploymentError(f"{TIERS} has no tier", folder / TIERS, 1)
    return {name: _tier(name, table, counted, pools) for name, table in declared.tables()}


def _tier(name: str, table: Table, counted: Collection[str], pools: bool) -> Tier:
    concurrency = table.table("concurrency")
    tier = Tier(
        name=name,
        concurrency={kind: concurrency.count(kind) for kind in counted},
        database_pool_size=table.count("database_pool_size") if pools else None,
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
