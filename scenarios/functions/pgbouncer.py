"""A real PgBouncer in front of a PostgreSQL: this machine's program, or Debian's packages unpacked into a folder."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.nodes.ports import ReservedPort

PACKAGES = ("pgbouncer", "libevent-2.1-7", "libc-ares2")
SECONDS = 120


def pooler_program(folder: Path) -> tuple[Path, dict[str, str]]:
    """The program and the variables that it needs; the scenario is skipped if it is not available.

    Args:
        folder: to unpack the packages into.
    """
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found:
        return Path(found), {}
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        pytest.skip("there is no pgbouncer here, and no apt-get to have it from")
    unpacked = folder / "unpacked"
    for package in PACKAGES:
        fetched = _run(folder, "apt-get", "download", "--quiet", package)
        debs = sorted(folder.glob(f"{package}_*.deb"))
        if fetched.returncode or not debs:
            pytest.skip(
                f"there is no pgbouncer here, and apt-get has no {package} ({fetched.returncode}): apt-get update"
            )
        _run(folder, "dpkg-deb", "--extract", str(debs[-1]), str(unpacked)).check_returncode()
    libraries = sorted({str(path.parent) for path in unpacked.rglob("lib*.so.*")})
    return unpacked / "usr/sbin/pgbouncer", {"LD_LIBRARY_PATH": ":".join(libraries)}


def _run(folder: Path, *command: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=SECONDS, check=False)


@contextmanager
def pgbouncer(
    program: tuple[Path, dict[str, str]], database_url: str, folder: Path, **options: str
) -> Iterator[str]:
    """Run a PgBouncer in front of a database; yields its address, for a deployment's DATABASE_URL.

    Args:
        program: see `pooler_program`.
        database_url: with a unix socket, like that of a lone PostgreSQL.
        folder: for its files.
        options: of its section [pgbouncer], such as `pool_mode`.
    """
    with ReservedPort() as reserved:
        binary, variables = program
        parts = urlsplit(database_url)
        asked = parse_qs(parts.query)
        sockets = asked["host"][0]
        # It does not run as root; the database's user may use its socket.
        user = pwd.getpwuid(Path(sockets).stat().st_uid).pw_name
        settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": str(reserved.number),
            "unix_socket_dir": "",
            "auth_type": "any",
            **({"user": user} if os.geteuid() == 0 else {}),
            **options,
        }
        target = f"host={sockets} port={asked['port'][0]} dbname={parts.path[1:]} user={parts.username} password={parts.password}"
        config = folder / "pgbouncer.ini"
        lines = [f"{name} = {value}" for name, value in settings.items()]
        config.write_text("\n".join(["[databases]", f"pooled = {target}", "[pgbouncer]", *lines, ""]))
        process = subprocess.Popen(
            [binary, config],
            env=os.environ | variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            until = time.monotonic() + SECONDS
            while True:
                assert process.poll() is None, process.communicate()[1]
                try:
                    socket.create_connection(("127.0.0.1", reserved.number), timeout=5).close()
                    break
                except OSError:
                    assert time.monotonic() < until, "pgbouncer does not listen"
            yield f"postgresql://{parts.username}:{parts.password}@127.0.0.1:{reserved.number}/pooled"
        finally:
            process.terminate()
            process.communicate()
