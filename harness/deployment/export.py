"""The variables of a deployment in the forms that other programs read: a .env file, or input for Railway's command line."""

import json
import re
from collections.abc import Iterable
from typing import Any

from harness.deployment.declaration import SERVICES, Deployment, Service
from harness.deployment.railway import DOCKERFILE_PATH, DRAINING_SECONDS, OVERLAP_SECONDS
from harness.deployment.references import SHARED, Resolver, reference

PLAIN = re.compile(r"[^\s#'\"\\]+")  # what a .env file needs no quotes for


def variables(deployment: Deployment, service: Service, tier: str) -> dict[str, str]:
    """Everything that is set for a service on Railway, with every reference as it is declared.

    So a value that is changed on Railway reaches every service that refers to it. A service's own secret refers to the project's
    shared variable of the same name.

    Args:
        deployment: with the service.
        service: whose variables.
        tier: row of the concurrency table.

    Raises:
        UnresolvedReferenceError: a reference leads nowhere.
    """
    followed(deployment, service, tier)
    return shown(deployment, service, tier)


def followed(deployment: Deployment, service: Service, tier: str) -> dict[str, str]:
    """The same with references followed as far as that shows no secret; see `variables`.

    References to secrets and to variables that a server provides stay references.
    """
    given = deployment.given
    scopes = {SHARED: {}, **{scope: dict.fromkeys(names, "") for scope, names in given.items()}}
    scopes[SHARED] |= deployment.shared
    for owner in deployment.services.values():
        scopes[owner.name] |= deployment.written(owner, tier)
    kept = {(scope, name) for scope, names in given.items() for name in names}
    found = Resolver(scopes, SERVICES, kept).environment(service.name)
    return {name: found.get(name, value) for name, value in shown(deployment, service, tier).items()} | _own(
        service
    )


def shown(deployment: Deployment, service: Service, tier: str) -> dict[str, str]:
    """The same, but references are not checked; see `variables`."""
    return {
        **deployment.written(service, tier),
        **_own(service),
        DOCKERFILE_PATH: service.dockerfile,
        DRAINING_SECONDS: str(service.draining_seconds),
        OVERLAP_SECONDS: str(service.overlap_seconds),
    }


def _own(service: Service) -> dict[str, str]:
    return {name: reference(SHARED, name) for name in service.secrets}


def as_env(deployment: Deployment, service: Service, tier: str) -> str:
    """One service's variables as a .env file, as Railway's raw editor takes it."""
    lines = [f"{name}={_quoted(value)}" for name, value in variables(deployment, service, tier).items()]
    return "\n".join([f"# {service.name}, tier {tier}", *lines, ""])


def _quoted(value: str) -> str:
    if PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def as_railway(deployment: Deployment, services: Iterable[Service], tier: str) -> str:
    """The services as `railway environment edit` reads them from standard input (railwayapp/cli, EnvironmentConfig)."""
    made: dict[str, Any] = {}
    for service in services:
        deploy = {"healthcheckPath": service.health_check} if service.health_check else {}
        made[service.name] = {
            "source": {"rootDirectory": service.root_directory},
            "build": {"dockerfilePath": service.dockerfile},
            "deploy": deploy,
            "variables": {
                name: {"value": value} for name, value in variables(deployment, service, tier).items()
            },
        }
    return json.dumps({"services": made}, indent=2)
