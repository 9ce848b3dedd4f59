"""The application's schema, brought into a database that stacks are then copied from."""

import hashlib
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from harness.application import Addresses, App
from harness.application.dotenv import variables_of
from harness.application.templates import fill, values
from harness.nodes.guard import guarded

MIGRATE_SECONDS = 60
NOBODY = "127.0.0.1:1"  # nobody listens there: other servers do not run yet when the schema is made
SHOWN = 4000  # characters of a failed migration's output


class MigrationError(RuntimeError):
    """The application's own command did not bring its schema into an empty database."""


def schema_key(app: App) -> str:
    """A key that changes whenever the schema may: with the command that makes it, and with the files that decide it.

    Args:
        app: whose schema it is.
    """
    digest = hashlib.sha256(
        repr((app.name, app.postgres.migration, sorted((app.postgres.env or app.env).items()))).encode()
    )
    files = {path for pattern in app.postgres.sources for path in app.root.glob(pattern) if path.is_file()}
    for path in sorted(files):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def migrate(app: App, database_url: str) -> None:
    """Bring the newest schema into a database, by the application's own command.

    Args:
        app: whose schema it is.
        database_url: of the database.

    Raises:
        MigrationError: the command failed; shows its output.
    """
    command = app.postgres.migration
    if not command:
        return
    known = values(_while_migrating(app, database_url), app.secrets())
    templates = app.postgres.env or app.env
    given = {**variables_of(app), **{name: fill(value, known) for name, value in templates.items()}}
    with TemporaryDirectory(prefix="harness-migration-") as folder:
        closed = {"HOME": folder, "TMPDIR": folder, **given, "PATH": app.search_path}
        if app.environment is None:
            closed = guarded(
                closed, Path(folder) / "guard", [urlsplit(database_url).netloc.rpartition("@")[2]]
            )
        try:
            done = subprocess.run(
                command,
                env=closed,
                cwd=app.root,
                capture_output=True,
                text=True,
                timeout=MIGRATE_SECONDS,
                check=False,
            )
        except FileNotFoundError as error:
            raise MigrationError(f"{' '.join(command)} could not be started: {error}") from None
        except subprocess.TimeoutExpired:
            raise MigrationError(f"{' '.join(command)} did not end within {MIGRATE_SECONDS} s") from None
    if done.returncode:
        said = f"{done.stdout}{done.stderr}"[-SHOWN:]
        raise MigrationError(f"{' '.join(command)} ended with exit code {done.returncode}:\n{said}")


def _while_migrating(app: App, database_url: str) -> Addresses:
    """The addresses of the servers during a migration: only the database runs."""
    return Addresses(
        database_url,
        f"redis://{NOBODY}/0",
        dict.fromkeys(app.providers, f"http://{NOBODY}"),
        servers={name: server.at(NOBODY) for name, server in app.servers.items()},
    )
