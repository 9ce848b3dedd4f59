"""Finds out whether we run in a container of the engine that we use (by its mounted socket): then its ports are not on our loopback."""

import re
import socket
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

MOUNTS, ROUTES = Path("/proc/self/mountinfo"), Path("/proc/net/route")
OWN = re.compile(r"/containers/([0-9a-f]{64})/")  # the engine keeps our /etc/hostname there
EVERYWHERE = "00000000"


def published_at(
    inspect: Callable[[str], Mapping[str, Any] | None], mounts: Path = MOUNTS, routes: Path = ROUTES
) -> str:
    """The address at which we reach the ports that the engine publishes; empty where it is our loopback.

    Args:
        inspect: returns the engine's facts of a container by its id; None where there is none.
        mounts: mounts of this process, from /proc.
        routes: routes of IPv4, from /proc.

    Raises:
        LookupError: the ports cannot be reached from here; says why.
    """
    try:
        found = OWN.search(mounts.read_text())
    except OSError:  # no Linux, so no container
        return ""
    known = inspect(found[1]) if found else None
    if known is None:  # a container of another engine, such as the one around ours, or no container at all
        return ""
    network = str((known.get("HostConfig") or {}).get("NetworkMode", ""))
    if network == "host":
        return ""
    gateway = _gateway(routes)
    if not gateway:
        raise LookupError(
            "we are in a container of it ourselves, and have no way to the ports that it publishes: "
            "start ours with --network host, or name its address by TESTCONTAINERS_HOST_OVERRIDE"
        )
    return gateway


def _gateway(routes: Path) -> str:
    try:
        lines = routes.read_text().splitlines()[1:]
    except OSError:
        return ""
    for line in lines:
        _, destination, gateway, *_ = line.split()
        if destination == EVERYWHERE and gateway != EVERYWHERE:
            return socket.inet_ntoa(struct.pack("<I", int(gateway, 16)))
    return ""
