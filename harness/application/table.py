"""A concurrency table in a file: the one format that `app.table`, `check --table` and a deployment's tiers.toml have.

    [small]
    concurrency = { web = 2, worker = 1 }
    database_pool_size = 10
    memory_mb = 512
    cpus = 1

Further keys of a row are for other readers: a load test reads how much load the row must carry.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.application.error import DeclarationError
from harness.application.tier import Tier

COUNTS = ("database_pool_size", "memory_mb", "cpus")
ROW = ("concurrency", *COUNTS)


def read_table(path: Path) -> dict[str, Tier]:
    """The rows of a file, in its order: every table that has a concurrency.

    Args:
        path: of the file.

    Raises:
        DeclarationError: it cannot be read, has no row, or a row has no sound number; names each row and key.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DeclarationError(f"{path.name}: {error}") from None
    rows = {
        name: table for name, table in tables.items() if isinstance(table, dict) and "concurrency" in table
    }
    if not rows:
        raise DeclarationError(f"{path.name} has no row: write [NAME] with concurrency = {{ role = number }}")
    wrong = [line for name, table in rows.items() for line in _problems(f"{path.name}: [{name}]", table)]
    if wrong:
        raise DeclarationError("\n".join(wrong))
    return {name: _tier(name, table) for name, table in rows.items()}


def _problems(where: str, table: Mapping[str, Any]) -> list[str]:
    """All that is the matter with a row, a sentence each."""
    concurrency = table["concurrency"]
    counts = [(key, table[key]) for key in COUNTS if key in table]
    found = []
    if not isinstance(concurrency, dict) or not concurrency:
        found.append(f"{where} concurrency must be a table of roles with their numbers")
    else:
        counts = [*concurrency.items(), *counts]
    for key, value in counts:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            each = ": it is that of each service alike" if isinstance(value, dict) else ""
            found.append(f"{where} {key} must be a whole number above 0, not {value!r}{each}")
    return found


def _tier(name: str, table: Mapping[str, Any]) -> Tier:
    concurrency = table["concurrency"]
    return Tier(name=name, concurrency=concurrency, **{key: table[key] for key in COUNTS if key in table})
