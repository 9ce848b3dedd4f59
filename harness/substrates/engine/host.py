"""Checks the written address of an engine before it is used: DOCKER_HOST, a context's, and the host of its published ports."""

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

UNIX, SCHEMES = "unix", ("unix", "tcp", "http")  # the last one is what docker-py makes of tcp
LOOPBACK = "127.0.0.1"
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


def endpoint(host: str) -> SplitResult:
    """The address of an engine.

    Args:
        host: address in the form of DOCKER_HOST.

    Raises:
        ValueError: it cannot be used; says why, without a user's name or password.
    """
    if any(character.isspace() or not character.isprintable() for character in host):
        raise ValueError("it has white space or an invisible character in it")
    if "@" in host and not host.startswith("ssh:"):
        raise ValueError("it names a user, and an engine knows none: leave out what stands before the @")
    address = urlsplit(host)
    if address.scheme == "ssh":
        raise ValueError(
            "ssh reaches the engine but not the ports of its containers; use tcp:// with TLS, or an engine on this machine"
        )
    if address.scheme not in SCHEMES:
        raise ValueError("only unix:// and tcp:// can be used")
    if address.scheme == UNIX:
        if address.netloc or not address.path.startswith("/"):
            raise ValueError("it names no socket: write such as unix:///var/run/docker.sock")
        return address
    if address.path.strip("/") or address.query or address.fragment:
        raise ValueError("it has something behind its port: write such as tcp://10.1.2.3:2376")
    if address.port == 0:
        raise ValueError("it has the port 0, on which nobody can be reached")
    if ":" in (address.hostname or "") and not is_here(address.hostname or ""):
        raise ValueError(
            "ports are published to IPv4 alone: name the engine's machine by a name or an IPv4 address"
        )
    return address


def shown(host: str) -> str:
    """A host for a message, without a possible password."""
    before, at, behind = host.rpartition("@")
    hidden = f"{before.partition('://')[0]}://***@{behind}" if at else host
    return hidden if hidden.isprintable() else repr(hidden)


def wrong_override(text: str) -> str:
    """What is wrong with an address for published ports; empty if nothing is.

    Args:
        text: a name or an IPv4 address, in the form of TESTCONTAINERS_HOST_OVERRIDE.
    """
    if ":" in text or "/" in text or "@" in text:
        return "is more than a name or an IPv4 address: write it alone, without scheme, user and port"
    labels = text.removesuffix(".").split(".")
    if not all(_NAME.fullmatch(label) for label in labels):
        return "is no name and no IPv4 address: write such as host.docker.internal or 172.17.0.1"
    if labels[-1].isdecimal() and _address(text) is None:
        return "is no IPv4 address: write four numbers from 0 to 255"
    try:
        socket.getaddrinfo(text, None, socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error:
        return f"is not known here by an IPv4 address: {error.strerror or error}"
    return ""


def out_of_reach(host: str, port: int, seconds: float) -> str:
    """Why a published port cannot be reached from here; empty where it can, even if nobody listens on it yet.

    Args:
        host: host at which it is published.
        port: port at that host.
        seconds: enough time for a connection.
    """
    try:
        socket.create_connection((host, port), seconds).close()
    except ConnectionRefusedError:
        return ""
    except OSError as error:
        return (
            f"{host}:{port}, which the engine publishes, is out of our reach ({error.strerror or error}): "
            "name by TESTCONTAINERS_HOST_OVERRIDE where its ports are reached from here"
        )
    return ""


def is_here(host: str) -> bool:
    """Whether a host is this machine, by its loopback.

    Args:
        host: a name or an address.
    """
    name = host.rstrip(".").lower()
    found = _address(name)
    if found is None:
        return name == "localhost" or name.endswith(".localhost")
    mapped = getattr(found, "ipv4_mapped", None) or found
    return mapped.is_loopback or mapped.is_unspecified


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
