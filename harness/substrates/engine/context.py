"""The context that the docker command would use: a chosen engine with a name."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.base.cache import home

USUAL = "default"  # name for "no context": DOCKER_HOST, or the usual socket
FILES = ("ca.pem", "cert.pem", "key.pem")


class ContextError(Exception):
    """The chosen context cannot be used; says why."""


@dataclass(frozen=True, slots=True)
class Context:
    """A chosen context.

    Args:
        name: of it.
        host: address of its engine, in the form of DOCKER_HOST.
        certificates: folder with ca.pem, cert.pem and key.pem; None where it has none.
    """

    name: str
    host: str
    certificates: Path | None


def chosen(environ: Mapping[str, str]) -> Context | None:
    """The context that DOCKER_CONTEXT names, else the current one of Docker's configuration; None for the usual socket.

    Args:
        environ: with DOCKER_CONTEXT and DOCKER_CONFIG.

    Raises:
        ContextError: there is no such context, or it cannot be read.
    """
    folder = Path(environ.get("DOCKER_CONFIG") or home() / ".docker")
    named = environ.get("DOCKER_CONTEXT")
    name = named or _current(folder)
    if not name or name == USUAL:
        return None
    by = "DOCKER_CONTEXT" if named else f"{folder / 'config.json'}"
    key = hashlib.sha256(name.encode()).hexdigest()  # as Docker's command line names its folders
    try:
        made = json.loads((folder / "contexts" / "meta" / key / "meta.json").read_text(encoding="utf-8"))
        host = made["Endpoints"]["docker"]["Host"]
    except FileNotFoundError:
        raise ContextError(
            f"{by} names the context {name!r}, which there is not: docker context ls"
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise ContextError(
            f"the context {name!r}, which {by} names, names no engine: docker context inspect"
        ) from None
    certificates = folder / "contexts" / "tls" / key / "docker"
    return Context(name, str(host), certificates if certificates.is_dir() else None)


def _current(folder: Path) -> str:
    try:
        read = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""  # Docker's own command line would report it; a user without a context needs none
    name = read.get("currentContext", "") if isinstance(read, dict) else ""
    return name if isinstance(name, str) else ""
