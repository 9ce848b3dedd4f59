"""What a role is given: where the servers are, and its variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from harness.application.role import Role


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where one role finds the servers: by links of its own.

    Args:
        database_url: of PostgreSQL.
        redis_url: of Redis.
        providers: a provider's name -> its address.
        authority: file with the certificate of who has signed Redis' own; none where Redis has none.
        servers: name of any other server -> its URL.
    """

    database_url: str
    redis_url: str
    providers: Mapping[str, str] = field(default_factory=dict)
    authority: str = ""
    servers: Mapping[str, str] = field(default_factory=dict)

    @property
    def trust(self) -> dict[str, str]:
        """What has a role trust that authority as it trusts a public one in production: by its machine, not by the URL."""
        return {"SSL_CERT_FILE": self.authority} if self.authority else {}


class Environment(Protocol):
    """What a role is given, where templates do not say it."""

    def __call__(
        self,
        role: Role,
        *,
        tier: str,
        at: Addresses,
        secrets: Mapping[str, str],
        overrides: Mapping[str, str],
    ) -> Mapping[str, str]:
        """The role's variables.

        Args:
            role: whose.
            tier: name of the row.
            at: where it finds the servers.
            secrets: of the stack.
            overrides: that replace variables, or are given to every role where none has them.
        """
