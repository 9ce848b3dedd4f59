"""Reads SERVICE_TYPE, checks the settings, prints the role's banner, prepares, and becomes the role's program.

Everything that can fail is tried here, before the exec: uvicorn with several workers exits 0 if its application does not start, which
Railway takes for a finished job and does not restart.
"""

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import NoReturn

from app.core import collecting
from app.core.logging import configure_logging
from app.core.settings import Settings, SettingsError, load_settings
from app.core.tls_files import try_files
from app.core.together import Program, run_together
from app.core.unread import forget
from app.core.unusable import UnusableError
from app.roles import Role

log = logging.getLogger("app.entrypoint")
ROOT = Path(__file__).parents[1]
PREPARE_ONLY = "--prepare"


def main() -> NoReturn:
    """Start the role, or exit: 78 (EX_CONFIG) for a wrong setting, 69 (EX_UNAVAILABLE) for a database that is away.

    With `--prepare` it only prepares, for a program that somebody else starts, and exits 0.
    """
    configure_logging()
    try:
        settings = load_settings()
    except SettingsError as error:
        for variable, problem in error.problems.items():
            log.error("%s %s", variable, problem)
        sys.exit(os.EX_CONFIG)
    role = settings.role
    log.info(role.banner)
    for unread in forget(os.environ):
        log.info("%s", unread)
    os.chdir(ROOT)  # the folder that relative file names start from
    try:
        try_files(settings.redis_url)
        collecting.check(settings)
        _prepare(role, settings)
    except UnusableError as error:
        log.error("%s", error)
        sys.exit(os.EX_CONFIG)
    except TimeoutError as error:
        log.error("%s", error)
        sys.exit(os.EX_UNAVAILABLE)
    if PREPARE_ONLY in sys.argv[1:]:
        sys.exit(0)
    sys.stdout.flush()
    if role.migrates and settings.also_run:
        sys.exit(run_together([_program(role, settings), *map(_merged, settings.also_run)]))
    _become(role, settings)


def _prepare(role: Role, settings: Settings) -> None:
    if role.migrates:
        from app.core.migration import prepare_database

        asyncio.run(prepare_database(settings))
    elif role.awaits_schema:
        from app.core.schema import wait_for_schema

        asyncio.run(wait_for_schema(settings))


def _program(role: Role, settings: Settings) -> Program:
    values = {name.upper(): value for name, value in settings.model_dump().items()}
    _, *arguments = role.argv(values)  # its first word, "python", is this very interpreter
    return Program([sys.executable, *arguments], os.environ | role.environment)


def _merged(service_type: str) -> Program:
    """Another role with the same variables, started by its own entrypoint."""
    own = {name: value for name, value in os.environ.items() if name != "ALSO_RUN"}
    return Program([sys.executable, "-m", "app.entrypoint"], own | {"SERVICE_TYPE": service_type})


def _become(role: Role, settings: Settings) -> NoReturn:
    program = _program(role, settings)
    os.execve(sys.executable, program.argv, program.environment)  # noqa: S606


if __name__ == "__main__":
    main()
