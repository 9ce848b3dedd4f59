"""Removes environment variables that libraries would read beside ours, because only our variables are checked."""

import re
from collections.abc import MutableMapping

from app.core.settings import variables

# Reason -> names: libpq's variables (PostgreSQL, "Environment Variables"), which asyncpg reads; those that override Celery's settings
# (celery/app/utils.py, celery/bin/celery.py); and those for every option of the command lines that we start, which read their options
# from the environment too (Click's auto_envvar_prefix, flower/command.py). Railway sets some of them, and people set others.
_BEHIND = {
    "DATABASE_URL alone says where the database is": re.compile(r"PG[A-Z]+"),
    "REDIS_URL alone says where Redis is, and our own variables what Celery does": re.compile(
        r"(?:CELERY_)?(?:BROKER_(?:READ_|WRITE_)?URL|RESULT_BACKEND|CONFIG_MODULE|LOADER)"
    ),
    "docs/configuration.md lists what the roles take, and a role says the rest to its program itself": re.compile(
        r"(?:CELERY|FLOWER|UVICORN)_.+|WEB_CONCURRENCY"
    ),
}


def ignored(variable: str) -> str:
    """Why a variable is removed although a library would read it; empty if it stays.

    Args:
        variable: its name.
    """
    if variable in variables():
        return ""
    return next((why for why, names in _BEHIND.items() if names.fullmatch(variable)), "")


def forget(environ: MutableMapping[str, str]) -> list[str]:
    """Remove those variables.

    Args:
        environ: of this process and its children.

    Returns:
        A sentence for each kind that was found, with the names.
    """
    found: dict[str, list[str]] = {}
    for name in sorted(environ):
        if why := ignored(name):
            found.setdefault(why, []).append(name)
            del environ[name]
    return [f"{', '.join(names)}: not read, for {why}" for why, names in found.items()]
