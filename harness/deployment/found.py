"""What a file says is set on Railway: as its command line prints it, or in any form that `harness export` writes."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.base.dotenv import NoEntryError, entries
from harness.deployment.declaration import Deployment
from harness.deployment.railway_python import KEPT, Found, Settings, is_unset, named, read_all, text_of
from harness.deployment.toml_table import DeploymentError

# What the JSON says beside variables, and what the declaration calls it; where the sources come from is no part of it.
FIELDS: Mapping[tuple[str, str], str] = {
    ("source", "rootDirectory"): "root",
    ("build", "dockerfilePath"): "dockerfilePath",
    ("deploy", "healthcheckPath"): "healthcheck",
}
# What Railway's command line prints beside what somebody has set, as long as nobody has set it otherwise.
BY_ITSELF = {
    "numReplicas": "1",
    "restartPolicyType": "ON_FAILURE",
    "restartPolicyMaxRetries": "10",
    "buildEnvironment": "V3",
}
REGIONS = "multiRegionConfig"
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # of a service, in place of its name
# What Railway calls the variables of the project, in JSON and in Python.
SHARED_TABLE = "sharedVariables"


def found_in(path: Path, deployment: Deployment) -> Found:
    """What a file says. It is not run.

    Args:
        path: of the file; or of a folder with a .env file for each service.
        deployment: by whose names and roles services are known.

    Raises:
        DeploymentError: it cannot be read; names the line.
    """
    if path.is_dir():
        files = sorted(path.glob("*.env"))
        if not files:
            raise DeploymentError(f"{path.name} has no .env file of a service", path)
        return _of_env(files, deployment)
    if path.suffix == ".env" or path.name.startswith(".env"):
        return replace(_of_env([path], deployment), whole=False)
    return _of_json(path, deployment) if path.suffix == ".json" else read_all(path)


def _of_env(paths: list[Path], deployment: Deployment) -> Found:
    services: dict[str, Settings] = {}
    for path in paths:
        values, lines = _entries(path)
        role = values.get(named(deployment.program.role_variable))
        names = [service.name for service in deployment.services.values() if service.kind == role]
        name = path.stem if path.stem in deployment.services else next(iter(names), path.stem)
        if name in services:
            raise DeploymentError(
                f"{path.name} is of the service {name}, of which there is a file already", path, 1
            )
        services[name] = Settings(values, lines, str(path))
    return Found(services, {}, {}, fields=False)


def _entries(path: Path) -> tuple[dict[str, str], dict[str, int]]:
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    try:
        for number, written, value in entries(path.read_text(encoding="utf-8-sig")):
            name = named(written)
            if name in values:
                raise DeploymentError(
                    f"{path.name}: {written} is set twice, in lines {lines[name]} and {number}", path, number
                )
            values[name], lines[name] = value, number
    except NoEntryError as error:
        raise DeploymentError(f"{path.name}: {error}", path, error.number) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DeploymentError(f"{path.name} cannot be read: {error}", path) from None
    return values, lines


def _of_json(path: Path, deployment: Deployment) -> Found:
    try:
        said_of_all = json.loads(path.read_text(encoding="utf-8-sig"))
        made: dict[str, Settings] = {}
        for key, said in said_of_all["services"].items():
            settings_of_one = Settings({**_fields_of(said), **_variables_of(said)})
            name = _name_of(key, settings_of_one, deployment)
            if name not in deployment.infrastructure and not said.get("isDeleted"):
                made[key if name in made else name] = settings_of_one
        shared = (
            _variables_of({"variables": said_of_all[SHARED_TABLE]}) if said_of_all.get(SHARED_TABLE) else None
        )
    except (OSError, UnicodeDecodeError) as error:
        raise DeploymentError(f"{path.name} cannot be read: {error}", path) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DeploymentError(
            f'{path.name} is neither what "harness export --format json" writes nor what Railway\'s command line prints',
            path,
            1,
        ) from None
    return Found(made, {}, {}, None if shared is None else Settings(shared))


def _name_of(key: str, said: Settings, deployment: Deployment) -> str:
    """Of a service that is named by its id: the only one of its role, or the server that provides the same; else what it is named by."""
    if not ID.fullmatch(key):
        return key
    program = deployment.program
    role = said.values.get(named(program.role_variable))
    services = [service.name for service in deployment.services.values() if service.kind == role]
    servers = [
        server
        for server, provided in deployment.infrastructure.items()
        if said.values.keys() >= {named(name) for name in provided}
    ]
    known = services if role else servers
    return known[0] if len(known) == 1 else key


def _fields_of(said: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for table in ("source", "build", "deploy"):
        for key, value in (said.get(table) or {}).items():
            name = FIELDS.get((table, key), "" if table == "source" else key)
            if name and not is_unset(value) and not _by_itself(key, value):
                found[name] = text_of(value)
    return found


def _by_itself(key: str, value: object) -> bool:
    """Whether a field has what Railway gives it, as one replica in whichever region."""
    if key == REGIONS and isinstance(value, Mapping):
        return sum((region or {}).get("numReplicas") or 0 for region in value.values()) <= 1
    return BY_ITSELF.get(key) == text_of(value)


def _variables_of(said: Mapping[str, Any]) -> dict[str, str]:
    """A value that Railway does not show is one that it keeps; one that is null is none."""
    given = {key: one for key, one in (said.get("variables") or {}).items() if one is not None}
    return {
        named(key): KEPT if one.get("isSealed") else text_of(one["value"])
        for key, one in given.items()
        if one.get("isSealed") or one["value"] is not None
    }
