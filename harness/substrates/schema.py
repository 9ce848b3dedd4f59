"""The application's schema, brought into a database that stacks are then copied from."""

import hashlib
import os
import subprocess

from harness.application import Addresses, App
from harness.substrates.templates import fill, values

MIGRATE_SECONDS = 60
SHOWN = 4000  # characters of what a migration that failed has said


def schema_key(app: App) -> str:
    """Changes whenever the schema may: with the command that makes it, and with the files that it follows from.

    Args:
        app: whose schema it is.
    """
    digest = hashlib.sha256(repr((app.name, app.postgres.migrate, sorted(app.postgres.env.items()))).encode())
    files = {path for pattern in app.postgres.sources for path in app.root.glob(pattern) if path.is_file()}
    for path in sorted(files):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def migrate(app: App, database_url: str) -> None:
    """Bring the newest schema into a database, by the command that a person would use.

    Args:
        app: whose schema it is.
        database_url: of the database.

    Raises:
        RuntimeError: it failed; shows what it said.
    """
    command = app.postgres.migrate
    if not command:
        return
    known = values(Addresses(database_url, ""), {})
    given = {name: fill(value, known) for name, value in app.postgres.env.items()}
    done = subprocess.run(
        command,
        env={**os.environ, "PATH": app.search_path, **given},
        cwd=app.root,
        capture_output=True,
        text=True,
        timeout=MIGRATE_SECONDS,
        check=False,
    )
    if done.returncode:
        said = f"{done.stdout}{done.stderr}"[-SHOWN:]
        raise RuntimeError(f"{' '.join(command)} ended with exit code {done.returncode}:\n{said}")
