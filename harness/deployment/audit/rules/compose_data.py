"""The data of a database in the compose file lies in its volume, for every version of the image."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# The official image, and images that are built from it and keep its folders.
POSTGRES = re.compile(
    r"(?:^|[/{:-])(?:postgres(?:ql)?(?:-ssl)?|pgvector|postgis|timescaledb|citus|paradedb)(?=$|[:@}\s])|:(?:[\w.-]*-)?pg\d+",
    re.IGNORECASE,
)
OTHER_FOLDERS = re.compile(r"(?:^|/)(?:bitnami|bitnamilegacy|cloudnative-pg)/|timescaledb-ha", re.IGNORECASE)
MAJOR = re.compile(r":(?P<version>\d+)[\w.-]*$")  # 18-alpine
BY_NAME = re.compile(r":[\w.-]*?pg(?P<version>\d+)", re.IGNORECASE)  # 0.8.0-pg18-trixie
CHOSEN = "${"  # somebody else may name another version
OWN = "/var/lib/postgresql/data"  # the image's own volume before 18
MOVED = "/var/lib/postgresql"  # the volume since then: the data lies below it, in a folder for the version
SINCE = 18
# Mounts that hold no data: scripts for the first start, configuration, and temporary files.
BESIDE = ("/docker-entrypoint-initdb.d", "/etc", "/run", "/var/run", "/tmp", "/dev", "/usr", "/var/log")  # noqa: S108


def _judge(subject: Subject) -> Iterator[Flaw]:
    file = subject.program.compose
    try:
        services = (yaml.load(subject.text(file) or "", LOADER) or {}).get("services") or {}  # noqa: S506 - a safe one
    except (yaml.YAMLError, AttributeError):
        return  # the rule `compose` reports it
    for name, member in services.items() if isinstance(services, Mapping) else ():
        if not isinstance(member, Mapping):
            continue
        image, targets = str(member.get("image", "")), _targets(member)
        if not targets or OTHER_FOLDERS.search(image) or not POSTGRES.search(image):
            continue
        data = _filled_in(_environment(member).get("PGDATA", "")).rstrip("/")
        lost = [
            version for version in _versions(image) if not _kept(data or _usual(version), targets, version)
        ]
        if lost:
            place = Place(
                file, subject.line(file, rf"^\s+(volumes:.*|- .*):{re.escape(targets[0])}"), f"{name}.volumes"
            )
            yield Flaw(
                place,
                f"{_said(data, targets, lost[0])}: its data would be lost with the container",
                f"PGDATA: {OWN}, and the volume there",
            )


def _said(data: str, targets: list[str], version: int) -> str:
    if data:
        return f"keeps a volume at {' and '.join(targets)}, in which {data}, which PGDATA names, is not"
    if targets == [OWN]:
        return f"keeps a volume at {OWN}, where PostgreSQL {SINCE} and newer do not write"
    if targets == [MOVED]:
        return f"keeps a volume at {MOVED}, in which older ones have a volume of their own at {OWN}"
    return f"keeps a volume at {' and '.join(targets)}, and PostgreSQL {version} writes to {_usual(version)}"


def _versions(image: str) -> list[int]:
    """The possible versions: where the version is open, one from before the move of the folder and one from after it."""
    named = BY_NAME.search(image) or MAJOR.search(image)
    if CHOSEN in image or not named:
        return [SINCE - 1, SINCE]
    return [int(named["version"])]


def _usual(version: int) -> str:
    """The folder that this version writes to by default."""
    return OWN if version < SINCE else f"{MOVED}/{version}/docker"


def _kept(data: str, targets: list[str], version: int) -> bool:
    """Whether data in this folder lies in one of these volumes, and not in a volume of the image's own below it."""
    own = OWN if version < SINCE else MOVED
    holding = [place for place in {*targets, own} if f"{data}/".startswith(f"{place}/")]
    return bool(holding) and max(holding, key=len) in targets


def _filled_in(text: str) -> str:
    """A variable of compose where the environment sets nothing."""
    return re.sub(r"\$\{\w+:?-([^}]*)\}", r"\1", text)


def _environment(member: Mapping[str, Any]) -> dict[str, str]:
    given = member.get("environment") or {}
    pairs = given.items() if isinstance(given, Mapping) else (str(one).partition("=")[::2] for one in given)
    return {str(name): str(value) for name, value in pairs}


def _targets(member: Mapping[str, Any]) -> list[str]:
    """The paths of its writable volumes, in both notations of compose, without mounts that hold no data."""
    found = []
    for volume in member.get("volumes") or ():
        if isinstance(volume, Mapping):
            target, fixed = str(volume.get("target", "")), bool(volume.get("read_only"))
        else:
            parts = re.sub(r"\$\{[^}]*\}", "x", str(volume)).split(":")
            target, fixed = parts[1] if len(parts) > 1 else parts[0], "ro" in parts[2:]
        target = target.rstrip("/")
        if target and not fixed and not any(f"{target}/".startswith(f"{one}/") for one in BESIDE):
            found.append(target)
    return found


COMPOSE_DATA = Rule(
    name="compose_data",
    states="PostgreSQL's data lies in the volume that the compose file gives it, for every version of the image",
    why="from version 18 on the official image keeps its data in another folder: a volume at the old one stays empty",
    judge=_judge,
    of_files=True,
)
