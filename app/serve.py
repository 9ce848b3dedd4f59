"""Runs uvicorn with the same sockets and exit codes for any number of processes: `python -m app.serve` with uvicorn's own options.

By itself uvicorn opens an IPv6 address for IPv6 alone with one process, and for both protocols with several. With one process SIGTERM
ends it by the signal; with several it exits 0, which it also does if its application does not start.
"""

import contextlib
import errno
import inspect
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.main import main as command_line
from uvicorn.supervisors.multiprocess import Multiprocess

from app.core.listening import EVERY_IPV4, EVERY_IPV6, bare

log = logging.getLogger(__name__)


def bound(host: str, port: int) -> list[socket.socket]:
    """The sockets of an address; of `::` one for each protocol, so that an IPv4 client keeps its own address.

    Args:
        host: an address, or a name of this machine.
        port: to listen on; 0 for a free one.

    Raises:
        OSError: they cannot be opened.
    """
    opened: list[socket.socket] = []
    try:
        where = bare(host)
        for name in (EVERY_IPV6, EVERY_IPV4) if where == EVERY_IPV6 else (where,):
            family, kind, protocol, _, address = socket.getaddrinfo(
                name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            made = socket.socket(family, kind, protocol)
            opened.append(made)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.bind(address)
            port = made.getsockname()[1]
    except OSError:
        for made in opened:
            made.close()
        raise
    return opened


def configured(words: Sequence[str]) -> uvicorn.Config:
    """The configuration that uvicorn's own command line makes of these words."""
    given = command_line.make_context("uvicorn", [*words]).params
    known = inspect.signature(uvicorn.Config).parameters
    return uvicorn.Config(**{name: value for name, value in given.items() if name in known and value != []})


def main() -> NoReturn:
    """Serve until SIGTERM, then exit 0; exit 3 if the application does not start, 78 or 69 if the socket cannot be opened."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    config = configured(sys.argv[1:])
    try:
        sockets = bound(config.host, config.port)
    except OSError as error:
        log.error("HOST and PORT cannot be listened on: %s", error.strerror)
        sys.exit(os.EX_UNAVAILABLE if error.errno == errno.EADDRINUSE else os.EX_CONFIG)
    except UnicodeError:  # a name that cannot be encoded as a host name
        log.error("HOST and PORT cannot be listened on: HOST is no name of a machine")
        sys.exit(os.EX_CONFIG)
    sys.exit(_served(config, sockets))


def _served(config: uvicorn.Config, sockets: list[socket.socket]) -> int:
    if config.workers > 1:
        for one in sockets:
            one.set_inheritable(True)
        parent = Multiprocess(config, sockets=sockets)
        parent.run()
        failed: Any = [process for process in parent.processes if process.exitcode == STARTUP_FAILURE]
        return STARTUP_FAILURE if failed else 0
    server = uvicorn.Server(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=sockets)
    return 0 if server.started else STARTUP_FAILURE


if __name__ == "__main__":
    main()
