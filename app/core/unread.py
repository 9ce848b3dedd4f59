"""What libraries would read of the environment behind our variables, which alone are judged: taken away before they look."""

import re
from collections.abc import MutableMapping

from app.core.settings import variables

# What is said of them, and their names: libpq's (PostgreSQL, "Environment Variables"), which asyncpg follows; those that Celery puts before
# its own settings (celery/app/utils.py, celery/bin/celery.py); and every option of the command lines that we start, each of which takes its
# options of the environment too (Click's auto_envvar_prefix, flower/command.py). Railway gives some beside its own, and people have others
# from elsewhere.
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
    """Why it is not read, although a library would; empty where nobody takes it away.

    Args:
        variable: its name.
    """
    if variable in variables():
        return ""
    return next((why for why, names in _BEHIND.items() if names.fullmatch(variable)), "")


def forget(environ: MutableMapping[str, str]) -> list[str]:
    """Take them away.

    Args:
        environ: of this process, and of what it will start.

    Returns:
        A sentence for each kind that there was, with the names.
    """
    found: dict[str, list[str]] = {}
    for name in sorted(environ):
        if why := ignored(name):
            found.setdefault(why, []).append(name)
            del environ[name]
    return [f"{', '.join(names)}: not read, for {why}" for why, names in found.items()]
