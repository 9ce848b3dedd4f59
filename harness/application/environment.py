"""What a role gets: the addresses of the servers, and its variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from harness.application.role import Role


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses at which one role finds the servers, by links of its own.

    Args:
        database_url: of PostgreSQL.
        redis_url: of Redis.
        providers: a provider's name -> its address.
        authority: file with the certificate of the authority that signed Redis' certificate; none where Redis has none.
        servers: name of any other server -> its URL.
    """

    database_url: str
    redis_url: str
    providers: Mapping[str, str] = field(default_factory=dict)
    authority: str = ""
    servers: Mapping[str, str] = field(default_factory=dict)

    @property
    def trust(self) -> dict[str, str]:
        """The variables that make a role trust that authority as it trusts a public one in production: by its machine, not by the URL."""
        return {"SSL_CERT_FILE": self.authority} if self.authority else {}


class Environment(Protocol):
    """A function that makes a role's variables where templates cannot."""

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
            at: the addresses of the servers.
            secrets: of the stack.
            overrides: replace variables of the same name; a variable that no role has is given to every role.
        """
