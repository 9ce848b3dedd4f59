"""Which versions of the servers are wanted."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Versions:
    """Versions of PostgreSQL and Redis, as their images are tagged; the default ones where none is given."""

    postgres: str = ""
    redis: str = ""

    @classmethod
    def matrix(cls, postgres: Iterable[str], redis: Iterable[str]) -> "list[Versions]":
        """Every combination of the versions of both."""
        return [cls(*pair) for pair in itertools.product(postgres, redis)]

    def __str__(self) -> str:
        return f"postgres{self.postgres}-redis{self.redis}"
