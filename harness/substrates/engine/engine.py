"""The Docker engine that answers: found, judged and spoken to in one way, whoever asks.

It is looked for without Docker's client, whose import takes half a second: most who ask only want to know whether there is one.
"""

import http.client
import json
import os
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    import docker

ANSWER_SECONDS = 2.0
CLIENT_SECONDS = 120  # of one request: a busy engine takes long to stop or to commit something
OLDEST_API = (1, 41)  # of Docker 20.10, which Debian 11 and 12 have
LOOPBACK = "127.0.0.1"
OK = 200
SCHEMES = ("unix", "tcp", "http")  # the last one is what docker-py makes of tcp
PODMAN = "Podman Engine"  # its name among the components that /version lists


class EngineError(Exception):
    """No engine can be used, or it did not do what it was asked for; says why."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One engine that has answered and can be used.

    Args:
        host: where it listens, as DOCKER_HOST has it.
        certificates: folder with ca.pem, cert.pem and key.pem, where it is spoken to by TLS.
        version: of the engine.
        api: version of what it understands.
    """

    host: str
    certificates: Path | None
    version: str
    api: str

    @classmethod
    def find(cls, environ: Mapping[str, str] | None = None, sockets: Iterable[Path] | None = None) -> Self:
        """The engine that DOCKER_HOST names, else the first one that can be used of those on the usual sockets.

        Args:
            environ: with DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH; this process's own by default.
            sockets: the usual ones, tried in order.

        Raises:
            EngineError: none answers, or none that does can be used.
        """
        environ = os.environ if environ is None else environ
        if named := environ.get("DOCKER_HOST"):
            return cls._at(named, _certificates(environ))
        there = [path for path in sockets or usual_sockets(environ) if path.exists()]
        problem = EngineError("there is no socket of one")
        for number, path in enumerate(there):
            try:
                return cls._at(f"unix://{path}", None)
            except EngineError as error:
                problem = problem if number else error  # of the first one, which people mean
        raise problem

    @classmethod
    def _at(cls, host: str, certificates: Path | None) -> Self:
        facts = _version(host, certificates)
        if reason := unusable(facts):
            raise EngineError(f"{host}: {reason}")
        version, api = str(facts["Version"]), str(facts["ApiVersion"])
        return cls(host=host, certificates=certificates, version=version, api=api)

    @property
    def address(self) -> str:
        """Where the ports that its containers publish are reached."""
        return urlsplit(self.host).hostname or LOOPBACK

    @property
    def remote(self) -> bool:
        """Whether it is on another machine, which has neither our files nor our loopback."""
        return self.address not in {LOOPBACK, "localhost", "::1"}

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which other programs (docker, testcontainers) speak to this very engine."""
        tls = {}
        if self.certificates:
            tls = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(self.certificates)}
        return {"DOCKER_HOST": self.host, **tls}

    @cached_property
    def cores(self) -> int:
        """Of its machine."""
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
    """Where an engine listens that nobody has named: the system's, Docker Desktop's, colima's, a rootless one's, Podman's."""
    home = Path.home()
    found = [
        Path("/var/run/docker.sock"),
        home / ".docker/run/docker.sock",
        home / ".colima/default/docker.sock",
    ]
    if own := environ.get("XDG_RUNTIME_DIR"):
        found += [Path(own) / "docker.sock", Path(own) / "podman/podman.sock"]
    return [*found, Path("/run/podman/podman.sock")]


def unusable(facts: Mapping[str, Any]) -> str:
    """Judge what an engine answers to /version.

    Returns:
        Why it cannot be used; empty if it can.
    """
    version = facts.get("Version", "?")
    if any(component.get("Name") == PODMAN for component in facts.get("Components") or ()):
        return (
            f"this is Podman {version}: stacks on it are not proven, for it answers Docker's requests in its own way; "
            "start a Docker engine or name one by DOCKER_HOST"
        )
    if facts.get("Os") != "linux":
        return f"it runs containers of {facts.get('Os')}: switch it to Linux containers"
    api = str(facts.get("ApiVersion", "0"))
    if tuple(int(part) for part in api.split(".")) < OLDEST_API:
        return f"Docker {version} (API {api}) is too old: Docker 20.10 or newer is needed"
    return ""


def _certificates(environ: Mapping[str, str]) -> Path | None:
    """The folder with the certificates, where TLS is asked for: as the docker command understands its variables."""
    if not environ.get("DOCKER_TLS_VERIFY"):
        return None
    return Path(environ.get("DOCKER_CERT_PATH") or Path.home() / ".docker")


def _version(host: str, certificates: Path | None) -> dict[str, Any]:
    address = urlsplit(host)
    if address.scheme == "ssh":
        raise EngineError(
            f"DOCKER_HOST is {host}: ssh reaches the engine but not the ports of its containers; "
            "use tcp:// with TLS, or an engine on this machine"
        )
    if address.scheme not in SCHEMES:
        raise EngineError(f"DOCKER_HOST is {host}: only unix:// and tcp:// can be used")
    try:
        connection = _connection(address, certificates)
        try:
            connection.request("GET", "/version")
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise EngineError(f"{host}: {error or type(error).__name__}") from error
    if answer.status != OK:
        raise EngineError(f"{host} answered {answer.status}")
    try:
        return dict(json.loads(content))
    except ValueError:
        raise EngineError(f"{host} answered something else than a Docker engine would") from None


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
    """HTTP over a socket of the file system.

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
