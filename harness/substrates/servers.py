"""The servers of a stack, from any substrate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers below the roles, as we reach them.

    Args:
        database_url: of PostgreSQL.
        redis_url: of Redis.
        providers: a provider's name -> the client that scripts it.
        others: name of any other server -> its URL.
        admin_url: address of PostgreSQL for a user who may change its settings; empty where the usual user may.
    """

    database_url: str
    redis_url: str
    providers: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    admin_url: str = ""
