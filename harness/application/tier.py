"""A row of a concurrency table."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A row of a concurrency table, and the plan under it.

    Args:
        name: of the row.
        concurrency: a role's kind -> its processes or slots.
        database_pool_size: connections that one process may hold; None where nobody has set a limit.
        memory_mb: of one role; None where nobody has set a limit.
        cpus: of one role; None where they are shared.
    """

    name: str
    concurrency: Mapping[str, int] = field(default_factory=dict)
    database_pool_size: int | None = None
    memory_mb: int | None = None
    cpus: int | None = None
