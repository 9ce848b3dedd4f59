"""PgBouncer between a role and its database, as a hosting service offers it with one click."""

import json
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from app.core.migration import migrate_database, prepare_database
from app.core.schema import wait_for_schema
from app.core.settings import load_settings
from app.core.unusable import UnusableError
from app.core.urls import driver_dsn
from app.tests.test_settings import environment
from scenarios.functions.pgbouncer import pgbouncer, pooler_program

pytestmark = [pytest.mark.e2e, pytest.mark.once]
ROOT = Path(__file__).parents[2]
JDBC = "extra_float_digits"
ALL = f"{JDBC}, statement_timeout, lock_timeout, idle_in_transaction_session_timeout"


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    return pooler_program(tmp_path_factory.mktemp("pgbouncer"))


@pytest.mark.parametrize(
    ("mode", "ignored"), [("transaction", JDBC), ("transaction", ALL), ("session", ALL), ("statement", ALL)]
)
async def test_a_pooler_is_named_by_every_role_and_keeps_no_lock(
    functions_database, tmp_path, program, mode, ignored
):
    """Whatever the pooler's mode: the API, a worker and the migration end in one line that names it, and no lock outlives them."""
    with pgbouncer(
        program, functions_database, tmp_path, pool_mode=mode, ignore_startup_parameters=ignored
    ) as url:
        settings = load_settings(environment("api", DATABASE_URL=url))
        said = set()
        for start in (prepare_database, wait_for_schema, migrate_database):
            with pytest.raises(UnusableError, match=r"^DATABASE_URL: the database .*PgBouncer") as refused:
                await start(settings)
            said.add(str(refused.value).partition(" (")[0])
        assert len(said) == 1
        direct = await asyncpg.connect(driver_dsn(functions_database))
        try:
            assert await direct.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
        finally:
            await direct.close()


@pytest.mark.parametrize("role", ["api", "celery_logs", "celery_content"])
def test_a_role_behind_a_pooler_ends_at_once(functions_database, tmp_path, program, role):
    """A role whose DATABASE_URL leads to a pooler in transaction mode ends with 78, one error line and no traceback."""
    with pgbouncer(
        program, functions_database, tmp_path, pool_mode="transaction", ignore_startup_parameters=ALL
    ) as url:
        ended = subprocess.run(
            [sys.executable, "-m", "app.entrypoint"],
            env={"PATH": os.environ["PATH"], "PYTHONUTF8": "1", **environment(role, DATABASE_URL=url)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (os.EX_CONFIG, "")
    (error,) = [line for line in map(json.loads, ended.stdout.splitlines()) if line["level"] == "error"]
    assert "PgBouncer" in error["message"]
    assert "exception" not in error
