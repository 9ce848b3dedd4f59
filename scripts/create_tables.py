#!/usr/bin/env python
"""Migrate the database before a deploy, or by hand, as the API does when it starts. Needs DATABASE_URL only."""

import asyncio
import logging
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from app.core.logging import configure_logging
from app.core.migration import migrate_database
from app.core.settings import SettingsError, load_database_settings
from app.core.unread import forget
from app.core.unusable import UnusableError

log = logging.getLogger("create_tables")


def main() -> int:
    """Exit 0 with the schema in place, 78 for a wrong setting, 69 where the database is not available."""
    configure_logging()
    try:
        settings = load_database_settings("create_tables")
        for unread in forget(os.environ):
            log.info("%s", unread)
        asyncio.run(migrate_database(settings))
    except SettingsError as error:
        for variable, problem in error.problems.items():
            log.error("%s %s", variable, problem)
        return os.EX_CONFIG
    except UnusableError as error:
        log.error("%s", error)
        return os.EX_CONFIG
    except TimeoutError as error:
        log.error("%s", error)
        return os.EX_UNAVAILABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
