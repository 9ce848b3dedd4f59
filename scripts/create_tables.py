#!/usr/bin/env python
"""Migrate the database by hand, as the API does when it starts. Needs DATABASE_URL only."""

import asyncio
import logging
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from app.core.logging import configure_logging
from app.core.migration import migrate, migration_lock
from app.core.settings import Settings
from app.migrations import HEAD

log = logging.getLogger("create_tables")


async def create_tables(settings: Settings) -> None:
    """Bring the database to the newest schema."""
    async with migration_lock(settings) as holder:
        migrated = await migrate(settings, holder)
    log.info("the database is at revision %s (%s)", HEAD, "migrated now" if migrated else "nothing to do")


def main() -> int:
    """Exit 0 with the schema in place, 78 without a usable DATABASE_URL, 69 where the database does not answer."""
    configure_logging()
    try:
        settings = Settings(service_type="create_tables", database_url=os.environ.get("DATABASE_URL", ""))
    except ValueError:
        log.error("DATABASE_URL must look like postgresql://user:password@host:port/database")
        return os.EX_CONFIG
    try:
        asyncio.run(create_tables(settings))
    except TimeoutError as error:
        log.error("%s", error)
        return os.EX_UNAVAILABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
