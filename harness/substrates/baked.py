"""The image that a PostgreSQL container is started from: a base image with a data directory in it, made when there is none."""

import hashlib
import json
import signal
from collections.abc import Mapping

from harness.application import App
from harness.base.cache import cache_folder, exclusively
from harness.base.progress import Progress
from harness.substrates.engine.container import Wanted
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.images import forget_old
from harness.substrates.postgres import INITDB
from harness.substrates.postgres_container import (
    ADMIN,
    COMMAND,
    CONNECTIONS,
    DATABASE,
    EMPTY,
    PASSWORD,
    USER,
    PostgresContainer,
    run_statements,
)
from harness.substrates.schema import migrate, schema_key

DATA = "/srv/postgres"  # not where the official image has a volume: data in a volume is not part of an image
REPOSITORY = "celery-harness/postgres-baked"
BASE = "harness.baked-from"
STOP_SECONDS = 30.0
KEPT = 3  # images of each base image that are kept
ENVIRONMENT: Mapping[str, str] = {
    "PGDATA": DATA,
    "POSTGRES_USER": ADMIN,
    "POSTGRES_PASSWORD": PASSWORD,
    "POSTGRES_INITDB_ARGS": " ".join(INITDB),
}
# The base image's own entrypoint prepares a data directory that may be empty or foreign. Ours is neither.
_AS_BAKED = ("USER postgres", "ENTRYPOINT []", f"CMD {json.dumps(COMMAND)}")


def baked(app: App, base: str, run_id: str, progress: Progress) -> str:
    """An image with the newest schema in it, from which PostgreSQL starts without initdb.

    Args:
        app: whose schema it is.
        base: image that understands the official one's variables.
        run_id: of the run that makes it, if it is to be made.
        progress: told that it is made.

    Raises:
        EngineError: the engine refused.
        RuntimeError: the migrations failed; shows their output.
        TimeoutError: the server did not answer; shows its log.
    """
    images = the_engine().client.images
    key = _key(app, str(images.get(base).id))
    name = f"{REPOSITORY}:{key}"
    with exclusively(cache_folder() / "images" / key):
        if not images.list(name):
            progress(f"PostgreSQL's data directory, baked into an image from {base}")
            _bake(app, base, key, run_id)
            forget_old(the_engine(), REPOSITORY, KEPT, f"{BASE}={base}")
    return name


def _key(app: App, base_id: str) -> str:
    """A key that changes with the content of the image."""
    recipe = (base_id, ENVIRONMENT, _AS_BAKED, USER, DATABASE, CONNECTIONS, schema_key(app))
    return hashlib.sha256(repr(recipe).encode()).hexdigest()[:16]


def _bake(app: App, base: str, key: str, run_id: str) -> None:
    wanted = Wanted(
        image=base, node="bake", run_id=run_id, alias=f"harness-bake-{key}", command=COMMAND, env=ENVIRONMENT
    )
    server = PostgresContainer(wanted)
    try:
        container = server.start()
        run_statements(
            server.url(database=EMPTY),
            f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'",
            f"CREATE DATABASE {DATABASE} OWNER {USER} CONNECTION LIMIT {CONNECTIONS}",
        )
        migrate(app, server.url(USER, DATABASE))
        run_statements(server.url(), "CHECKPOINT")
        container.interrupt(signal.SIGINT)  # "fast": it closes its files in order
        container.wait(STOP_SECONDS)
        container.commit(REPOSITORY, key, (*_AS_BAKED, f"LABEL {BASE}={base}"))
    finally:
        server.remove()
