"""PostgreSQL from a directory of binaries: a data directory made once, and copies of it that start in a tenth of a second."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import asyncpg

from harness.processes import Process, Supervisor
from harness.substrates.binaries import Binaries
from harness.substrates.cache import cache_folder, exclusively, fresh_folder
from harness.wait import eventually

USER = "roadmap"
DATABASE = "roadmap"
PASSWORD = "roadmap-local-only"  # noqa: S105 - of servers that only this machine's loopback can reach
PORT = 5432  # names the socket file; nothing listens on it
START_SECONDS = 30.0
STOP_SECONDS = 10.0
INITDB_SECONDS = 120.0
TEMPLATES_KEPT = 3

# A server that dies with its run need not survive a power cut; one that is restarted finds its data all the same.
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",  # what a deployment's database has
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "warning",
}


def template(binaries: Binaries, schema_key: str, bake: Callable[["PostgresServer"], None]) -> Path:
    """A data directory with role, database and schema in it; made when there is none for these keys.

    Args:
        binaries: of the server.
        schema_key: changes when what `bake` does changes.
        bake: brings the schema into the running server it is given.

    Raises:
        RuntimeError: initdb failed; shows what it said.
    """
    path = cache_folder() / "templates" / f"postgres-{binaries.version}-{schema_key}"
    with exclusively(path):
        if not path.is_dir():
            with fresh_folder(path) as made:
                _own(made, binaries)
                _build(made, binaries, bake)
            _forget_old(path.parent)
    os.utime(path)
    return path


def _build(folder: Path, binaries: Binaries, bake: Callable[["PostgresServer"], None]) -> None:
    password = folder / "password"
    password.write_text(PASSWORD)
    _own(password, binaries)
    made = subprocess.run(
        [
            *(binaries.program("initdb"), "-D", folder / "data", "-U", USER, "--pwfile", password),
            *("--auth", "scram-sha-256", "--no-sync", "--encoding", "UTF8", "--locale", "C"),
            *("--wal-segsize", "1"),  # 16 MB less to copy at each start
        ],
        capture_output=True,
        text=True,
        timeout=INITDB_SECONDS,
        check=False,
        user=binaries.user,
        cwd="/",
    )
    password.unlink()
    if made.returncode:
        raise RuntimeError(f"initdb failed with exit code {made.returncode}:\n{made.stdout}{made.stderr}")
    with tempfile.TemporaryDirectory(
        prefix="roadmap-"
    ) as name:  # the cache's own path may be too long for a socket
        sockets = Path(name)
        _own(sockets, binaries)
        with Supervisor(sockets / "supervisor.log") as supervisor:
            server = PostgresServer(binaries, folder / "data", sockets, sockets / "postgres.log")
            server.start(supervisor)
            asyncio.run(_create_database(sockets))
            bake(server)
            server.stop()


async def _create_database(sockets: Path) -> None:
    connection = await _connect(sockets, "postgres")
    await connection.execute(f"CREATE DATABASE {DATABASE}")
    await connection.close()


def _forget_old(folder: Path) -> None:
    """Keep the templates used last; each is some 30 MB."""
    templates = sorted(
        (path for path in folder.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime
    )
    for old in templates[:-TEMPLATES_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


class PostgresServer:
    """One server, reachable through a unix socket.

    Args:
        binaries: of the server.
        data: its data directory.
        sockets: a folder for its socket; a short path, 90 bytes at most.
        log: what the server writes.
    """

    def __init__(self, binaries: Binaries, data: Path, sockets: Path, log: Path) -> None:
        self._binaries = binaries
        self._data = data
        self._sockets = sockets
        self._log = log
        self.process: Process | None = None

    @property
    def target(self) -> str:
        """For a link of the proxy."""
        return f"unix:{self._sockets / f'.s.PGSQL.{PORT}'}"

    @staticmethod
    def url(port: int) -> str:
        """What a role is given, once a link leads here.

        Args:
            port: of the link.
        """
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/{DATABASE}"

    def copy(self, template_folder: Path) -> None:
        """Take a template's data for our own."""
        self._sockets.mkdir(parents=True, exist_ok=True)
        _own(self._sockets, self._binaries)
        source, target = template_folder / "data", self._data
        if sys.platform == "linux":  # cp keeps the owner, and copies by reference where the file system can
            subprocess.run(["cp", "-a", "--reflink=auto", source, target], check=True)
        else:
            shutil.copytree(source, target, symlinks=True)

    def start(self, supervisor: Supervisor) -> Process:
        """Start the server and return once it has answered a query.

        Raises:
            TimeoutError: it did not; shows its log.
        """
        options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        process = self.process = supervisor.spawn(
            "postgres",
            [
                self._binaries.program("postgres"),
                "-D",
                self._data,
                "-k",
                self._sockets,
                "-p",
                str(PORT),
                *options,
            ],
            log=self._log,
            cwd=Path("/"),
            user=self._binaries.user,
            stop_signal=signal.SIGQUIT,  # "immediate": without it, shared memory would stay behind
        )
        eventually(
            lambda: asyncio.run(_answers(self._sockets)),
            timeout=START_SECONDS,
            what="PostgreSQL's first answer",
            poll=0.005,
            unless=lambda: None if process.alive else "it has ended",
            evidence=self._log.read_text,
        )
        return process

    def stop(self) -> None:
        """Shut down in order ("fast"), so that the data can be copied."""
        if self.process is not None and self.process.alive:
            self.process.signal(signal.SIGINT)
            self.process.wait(STOP_SECONDS)


async def _connect(sockets: Path, database: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(
        host=str(sockets), port=PORT, user=USER, password=PASSWORD, database=database, timeout=5, ssl=False
    )


async def _answers(sockets: Path) -> bool:
    connection = await _connect(sockets, "postgres")
    try:
        return bool(await connection.fetchval("SELECT true"))
    finally:
        with contextlib.suppress(OSError):
            await connection.close(timeout=5)


def _own(path: Path, binaries: Binaries) -> None:
    if binaries.user:
        shutil.chown(path, binaries.user)
