"""Finds and checks the Docker engine, in one way for all callers.

The search does not use Docker's client, whose import takes half a second: most callers only ask whether there is an engine.
"""

import http.client
import json
import os
import re
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import SplitResult, urlsplit

from harness.base.cache import home
from harness.substrates.engine.beside import published_at
from harness.substrates.engine.context import FILES, ContextError, chosen
from harness.substrates.engine.host import LOOPBACK, UNIX, endpoint, is_here, shown, wrong_override

if TYPE_CHECKING:
    import docker

ANSWER_SECONDS = 2.0
CLIENT_SECONDS = 120  # seconds for one request: a busy engine takes long to stop or to commit a container
API = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}")
OLDEST_API = (1, 41)  # of Docker 20.10, which Debian 11 and 12 have
LONGEST_ANSWER_BYTES = 4_000_000
OK, ABSENT = 200, 404
OVERRIDE = "TESTCONTAINERS_HOST_OVERRIDE"
PODMAN = "Podman Engine"  # the engine's name among the components that /version lists


class EngineError(Exception):
    """No engine can be used, or it did not do its task; says why."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One engine that has answered and can be used.

    Args:
        host: its address, in the form of DOCKER_HOST.
        certificates: folder with ca.pem, cert.pem and key.pem, where TLS is used.
        version: of the engine.
        api: version of its API.
        published: host at which the published ports of its containers are reached, if it is another one.
    """

    host: str
    certificates: Path | None
    version: str
    api: str
    published: str = ""

    @classmethod
    def find(cls, environ: Mapping[str, str] | None = None, sockets: Iterable[Path] | None = None) -> Self:
        """The engine that DOCKER_HOST names, else that of Docker's context, else the first usable one on the usual sockets.

        Args:
            environ: with DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, DOCKER_CONTEXT, DOCKER_CONFIG and
                TESTCONTAINERS_HOST_OVERRIDE; this process's own by default.
            sockets: the usual ones, tried in order.

        Raises:
            EngineError: no engine answers, or none of those can be used.
        """
        environ = os.environ if environ is None else environ
        override = environ.get(OVERRIDE, "")
        if named := environ.get("DOCKER_HOST"):
            return cls._at(named, _certificates(named, environ), override)
        if sockets is None or "DOCKER_CONTEXT" in environ or "DOCKER_CONFIG" in environ:
            try:
                context = chosen(environ)
            except ContextError as error:
                raise EngineError(str(error)) from None
            if context:
                has_tls = not context.host.startswith(f"{UNIX}:")
                certificates = _complete(context.certificates) if has_tls else None
                return cls._at(context.host, certificates, override, f"of the context {context.name}")
        there = [path for path in sockets or usual_sockets(environ) if path.exists()]
        problem = EngineError("there is no socket of one")
        for number, path in enumerate(there):
            try:
                return cls._at(f"unix://{path}", None, override)
            except EngineError as error:
                # The error of the first engine, which is the usual one.
                problem = problem if number else error
        raise problem

    @classmethod
    def _at(cls, host: str, certificates: Path | None, override: str, by: str = "by DOCKER_HOST") -> Self:
        if override and (reason := wrong_override(override)):
            raise EngineError(f"{OVERRIDE} {reason}")
        facts = _version(host, certificates, by)
        if reason := unusable(facts):
            raise EngineError(f"{host}: {reason}")
        version, api = str(facts["Version"]), str(facts["ApiVersion"])
        published = override
        if not override and host.startswith("unix:"):
            try:
                published = published_at(lambda own: _asked(host, certificates, f"/containers/{own}/json"))
            except (LookupError, EngineError) as error:
                raise EngineError(f"{host}: {error}") from None
            except (AttributeError, TypeError, ValueError):
                raise EngineError(f"{host} says of our own container what no Docker engine would") from None
        return cls(host=host, certificates=certificates, version=version, api=api, published=published)

    @property
    def address(self) -> str:
        """The host at which the published ports of its containers are reached."""
        found = self.published or urlsplit(self.host).hostname or LOOPBACK
        return LOOPBACK if is_here(found) and found != "localhost" else found

    @property
    def remote(self) -> bool:
        """Whether it is on another machine, without our files and our loopback."""
        return not is_here(self.address)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make other programs (docker, testcontainers) use the same engine."""
        tls = {}
        if self.certificates:
            tls = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(self.certificates)}
        return {"DOCKER_HOST": self.host, **tls}

    @cached_property
    def cores(self) -> int:
        """The number of cores of its machine."""
        return int(self.client.info()["NCPU"])

    @cached_property
    def client(self) -> "docker.DockerClient":
        """Docker's client for it."""
        import docker

        client = docker.from_env(environment=self.environment, timeout=CLIENT_SECONDS, version=self.api)
        client.api.trust_env = False  # else REQUESTS_CA_BUNDLE would replace the engine's own ca.pem
        return client


def why_no_engine(environ: Mapping[str, str] | None = None, sockets: Iterable[Path] | None = None) -> str:
    """Why no engine can be used; empty if one can. Takes the arguments of `Engine.find`."""
    try:
        Engine.find(environ, sockets)
    except EngineError as error:
        return str(error)
    return ""


def usual_sockets(environ: Mapping[str, str]) -> list[Path]:
    """The usual sockets of engines: the system's, Docker Desktop's, colima's, a rootless one's, Podman's."""
    own_home = home()
    found = [
        Path("/var/run/docker.sock"),
        own_home / ".docker/run/docker.sock",
        own_home / ".colima/default/docker.sock",
    ]
    if own := environ.get("XDG_RUNTIME_DIR"):
        found += [Path(own) / "docker.sock", Path(own) / "podman/podman.sock"]
    return [*found, Path("/run/podman/podman.sock")]


def unusable(facts: Mapping[str, Any]) -> str:
    """Judge an engine's answer to /version.

    Returns:
        Why it cannot be used; empty if it can.
    """
    version, api, system = (facts.get(name) for name in ("Version", "ApiVersion", "Os"))
    parts = facts.get("Components")
    components = parts if isinstance(parts, list) else []
    if any(isinstance(component, dict) and component.get("Name") == PODMAN for component in components):
        return (
            f"this is Podman {version}: stacks on it are not proven, for it answers Docker's requests in its own way; "
            "start a Docker engine or name one by DOCKER_HOST"
        )
    if not (isinstance(version, str) and isinstance(api, str) and API.fullmatch(api)):
        return "it says neither its version nor that of its API as a Docker engine does"
    if system != "linux":
        return f"it runs containers of {system}: switch it to Linux containers"
    if tuple(int(part) for part in api.split(".")) < OLDEST_API:
        return f"Docker {version} (API {api}) is too old: Docker 20.10 or newer is needed"
    return ""


def _certificates(host: str, environ: Mapping[str, str]) -> Path | None:
    """The folder with the certificates, where TLS is asked for; a unix socket has no TLS."""
    if not environ.get("DOCKER_TLS_VERIFY") or host.startswith(f"{UNIX}:"):
        return None
    folder = Path(environ.get("DOCKER_CERT_PATH") or home() / ".docker")
    try:
        return _complete(folder)
    except EngineError as error:
        raise EngineError(f"DOCKER_TLS_VERIFY asks for what DOCKER_CERT_PATH has not. {error}") from None


def _complete(certificates: Path | None) -> Path | None:
    """The folder, if it has all files for TLS.

    Raises:
        EngineError: it lacks a file.
    """
    lacking = [name for name in FILES if certificates and not (certificates / name).is_file()]
    if lacking:
        raise EngineError(f"No such file in {certificates}: {', '.join(lacking)}")
    return certificates


def _version(host: str, certificates: Path | None, by: str) -> dict[str, Any]:
    try:
        endpoint(host)
    except ValueError as error:
        raise EngineError(f"{shown(host)} {by}: {error}") from None
    found = _asked(host, certificates, "/version")
    if found is None:
        raise EngineError(f"{host} answered 404")
    return found


def _asked(host: str, certificates: Path | None, path: str) -> dict[str, Any] | None:
    """The engine's answer; None where it has no such object."""
    try:
        connection = _connection(urlsplit(host), certificates)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            content = answer.read(LONGEST_ANSWER_BYTES)
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise EngineError(f"{host}: {error or type(error).__name__}") from error
    if answer.status == ABSENT:
        return None
    if answer.status != OK:
        hint = (
            ": if it speaks TLS, set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH" if b"HTTPS" in content else ""
        )
        raise EngineError(f"{host} answered {answer.status}{hint}")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise EngineError(f"{host} answered something else than a Docker engine would")
    return found


def _connection(address: SplitResult, certificates: Path | None) -> http.client.HTTPConnection:
    if address.scheme == "unix":
        return _UnixConnection(address.path)
    host = address.hostname or "localhost"
    if certificates is None:
        return http.client.HTTPConnection(host, address.port or 2375, timeout=ANSWER_SECONDS)
    trust = ssl.create_default_context(cafile=certificates / "ca.pem")
    trust.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    return http.client.HTTPSConnection(host, address.port or 2376, timeout=ANSWER_SECONDS, context=trust)


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket.

    Args:
        path: of the socket.
    """

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(ANSWER_SECONDS)
        self.sock.connect(self._path)
