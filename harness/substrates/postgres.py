"""PostgreSQL from a directory of binaries: a data directory made once, and copies of it that start in a tenth of a second."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg

from harness.base.cache import cache_folder, exclusively, fresh_folder
from harness.base.logs import SHOWN_LINES, LogFile
from harness.base.wait import eventually
from harness.nodes.process import Process
from harness.nodes.supervisor_client import SupervisorClient
from harness.substrates.binaries import Binaries

USER = "harness"
DATABASE = "harness"
PASSWORD = "harness-local-only"  # noqa: S105 - of servers that only this machine's loopback can reach
PORT = 5432  # the port in the name of the socket file; no TCP port is used
START_SECONDS = 30.0
STOP_SECONDS = 10.0
INITDB_SECONDS = 120.0
TEMPLATES_KEPT = 3
# Seconds: a template that was used so recently may be in use by a copy, or may still be made.
IN_USE_SECONDS = 3600.0

INITDB = (
    *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
    *("--no-sync", "--wal-segsize", "1"),  # 16 MB less to copy at each start
)

LAYOUT = 2  # version of the template's form; a new number makes old templates useless

# A server that ends with its run need not survive a power cut; after a kill it still finds all committed data.
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",  # as a deployment's database has it
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "warning",
    "timezone": "UTC",  # initdb would use the machine's time zone
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%d %a ",  # shows the origin of a line; see harness.evidence.statements
    "dynamic_shared_memory_type": "mmap",  # in the data directory, so that it is removed with it, even if the server is killed
}

# Loaded, but logs nothing until a scenario wants its statements recorded; see harness.system.recorder.
PRELOADED = {"shared_preload_libraries": "auto_explain"}


def template(binaries: Binaries, schema_key: str, bake: Callable[["PostgresServer"], None]) -> Path:
    """A data directory with role, database and schema; made when there is no such one.

    Args:
        binaries: programs of the server; each version, and each set of settings, has templates of its own.
        schema_key: changes when what `bake` does changes.
        bake: brings the schema into the running server it is given.

    Raises:
        RuntimeError: initdb failed; shows its output.
    """
    recipe = hashlib.sha256(repr((USER, DATABASE, PASSWORD, INITDB, SETTINGS, LAYOUT)).encode()).hexdigest()[
        :8
    ]
    path = cache_folder() / "templates" / f"postgres-{binaries.version}-{recipe}-{schema_key}"
    with exclusively(path):
        if not path.is_dir():
            with fresh_folder(path) as made:
                _own(made, binaries)
                _build(made / "data", binaries, bake)
            _forget_old(path.parent)
        os.utime(path)
    return path


def _build(data: Path, binaries: Binaries, bake: Callable[["PostgresServer"], None]) -> None:
    # Not next to the data: the cache's own path may be too long for a socket.
    with tempfile.TemporaryDirectory(prefix="harness-") as name:
        folder = Path(name)
        _own(folder, binaries)
        with SupervisorClient.start(folder / "supervisor.log") as supervisor:
            _initdb(data, binaries, folder, supervisor)
            server = PostgresServer(binaries, data, folder, folder / "postgres.log")
            server.start(supervisor)
            asyncio.run(_create_database(folder))
            bake(server)
            asyncio.run(_drop_others(folder))
            server.stop()


def _initdb(data: Path, binaries: Binaries, folder: Path, supervisor: SupervisorClient) -> None:
    password, log = folder / "password", folder / "initdb.log"
    password.write_text(PASSWORD)
    _own(password, binaries)
    argv: list[str | Path] = [
        binaries.program("initdb"),
        "-D",
        data,
        "-U",
        USER,
        "--pwfile",
        password,
        *INITDB,
    ]
    code = supervisor.spawn("initdb", argv, log=log, cwd=Path("/"), user=binaries.user).wait(INITDB_SECONDS)
    if code:
        raise RuntimeError(f"initdb failed with exit code {code}:\n{log.read_text()}")


async def _create_database(sockets: Path) -> None:
    connection = await _connect(sockets, "postgres")
    await connection.execute(f"CREATE DATABASE {DATABASE}")
    await connection.close()


async def _drop_others(sockets: Path) -> None:
    """Remove databases that nobody uses: they are half of the data to copy at each start. template1 stays, for CREATE DATABASE."""
    connection = await _connect(sockets, DATABASE)
    await connection.execute("ALTER DATABASE template0 IS_TEMPLATE false")
    for name in ("postgres", "template0"):
        await connection.execute(f"DROP DATABASE {name}")
    await connection.execute("CHECKPOINT")
    await connection.close()


def _forget_old(folder: Path) -> None:
    """Keep the templates that were used last (each about 30 MB), and all that may be in use."""
    used: dict[Path, float] = {}
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process has finished or removed it meanwhile
            if path.is_dir():
                used[path] = path.stat().st_mtime
    for path in sorted(used, key=lambda path: used[path])[:-TEMPLATES_KEPT]:
        if used[path] < time.time() - IN_USE_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


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
        """Its target for a link of the proxy."""
        return f"unix:{self._sockets / f'.s.PGSQL.{PORT}'}"

    @staticmethod
    def url(address: str) -> str:
        """The URL for a role, once a link leads here.

        Args:
            address: `host:port` of the link.
        """
        return f"postgresql://{USER}:{PASSWORD}@{address}/{DATABASE}"

    def copy(self, template_folder: Path) -> None:
        """Copy a template's data for our own."""
        self._sockets.mkdir(parents=True, exist_ok=True)
        _own(self._sockets, self._binaries)
        source, target = template_folder / "data", self._data
        if sys.platform == "linux":  # cp keeps the owner, and copies by reference where the file system can
            subprocess.run(["cp", "-a", "--reflink=auto", source, target], check=True)
        else:
            shutil.copytree(source, target, symlinks=True)

    def start(self, supervisor: SupervisorClient) -> Process:
        """Start the server and return once it has answered a query.

        Raises:
            TimeoutError: it did not answer; shows its log.
        """
        libraries = PRELOADED if _has_library(self._binaries) else {}
        settings = SETTINGS | libraries
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
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
            stop_signal=signal.SIGQUIT,  # "immediate", so that no shared memory stays behind
        )
        eventually(
            lambda: asyncio.run(_answers(self._sockets)),
            timeout=START_SECONDS,
            what="PostgreSQL's first answer",
            poll=0.005,
            unless=lambda: None if process.alive else "it has ended",
            evidence=lambda: LogFile(self._log).tail(SHOWN_LINES),
        )
        return process

    def stop(self) -> None:
        """Shut down in order ("fast"), so that the data can be copied."""
        if self.process is not None and self.process.alive:
            self.process.signal(signal.SIGINT)
            self.process.wait(STOP_SECONDS)


def _has_library(binaries: Binaries) -> bool:
    """Whether the library is there: a folder that a user has chosen may lack it."""
    return any((binaries.folder.parent / "lib").glob(f"**/{PRELOADED['shared_preload_libraries']}.*"))


async def _connect(sockets: Path, database: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(
        host=str(sockets), port=PORT, user=USER, password=PASSWORD, database=database, timeout=5, ssl=False
    )


async def _answers(sockets: Path) -> bool:
    connection = await _connect(sockets, "template1")  # the database that is always there
    try:
        return bool(await connection.fetchval("SELECT true"))
    finally:
        with contextlib.suppress(OSError):
            await connection.close(timeout=5)


def _own(path: Path, binaries: Binaries) -> None:
    if binaries.user:
        shutil.chown(path, binaries.user)
