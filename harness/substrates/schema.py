"""The product's schema, brought into a database that stacks are then copied from."""

import hashlib
import os
import subprocess
import sys

from harness.base.run import ROOT

MIGRATE = ROOT / "scripts" / "create_tables.py"
MIGRATIONS = ROOT / "app" / "migrations"
MIGRATE_SECONDS = 60


def schema_key() -> str:
    """Changes whenever a migration does."""
    digest = hashlib.sha256()
    for path in sorted(MIGRATIONS.rglob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def migrate(database_url: str) -> None:
    """Bring the newest schema into a database, by the script that a person would use.

    Raises:
        RuntimeError: it failed; shows what it said.
    """
    done = subprocess.run(
        [sys.executable, MIGRATE],
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=MIGRATE_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"{MIGRATE.name} ended with exit code {done.returncode}:\n{done.stdout}{done.stderr}"
        )
