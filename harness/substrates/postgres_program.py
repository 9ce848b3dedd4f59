"""Becomes a PostgreSQL that listens on a port, with a database of its own: `FOLDER HOST PORT`. See ready_made."""

import os
import pwd
import sys
from pathlib import Path

from harness.substrates import binaries
from harness.substrates.postgres import SETTINGS, PostgresServer, template


def main(folder: str, host: str, port: str) -> None:
    """Prepare its data where there is none yet, and become the server.

    Args:
        folder: its own.
        host: that it listens on.
        port: likewise.

    Raises:
        BinariesMissingError: this machine has no binaries of PostgreSQL.
    """
    found = binaries.postgres()
    data = Path(folder) / "data"
    if not data.exists():
        made = template(found, "empty", lambda _: None)
        PostgresServer(found, data, Path(folder), Path(folder) / "postgres.log").copy(made)
    settings = SETTINGS | {"listen_addresses": host, "port": port, "unix_socket_directories": ""}
    options = [word for pair in settings.items() for word in ("-c", "=".join(pair))]
    if found.user:  # it refuses to run as root
        user = pwd.getpwnam(found.user)
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    program = str(found.program("postgres"))
    os.execv(program, [program, "-D", str(data), *options])  # noqa: S606 - it becomes the server


if __name__ == "__main__":
    main(*sys.argv[1:])
