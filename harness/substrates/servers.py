"""What a stack is made of below its roles, whichever substrate provides it."""

from dataclasses import dataclass

from harness.providers.openai.client import FakeOpenAI


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers below the roles, as we reach them.

    Args:
        database_url: of PostgreSQL.
        redis_url: of Redis.
        openai: the scripted provider.
    """

    database_url: str
    redis_url: str
    openai: FakeOpenAI


@dataclass(frozen=True, slots=True)
class Given:
    """The same servers as one service reaches them.

    Args:
        database_url: of PostgreSQL.
        redis_url: of Redis.
        openai_url: of the scripted provider, with the path that the SDK expects.
        authority: the file with the certificate of who has signed Redis' own; none where Redis has none.
    """

    database_url: str
    redis_url: str
    openai_url: str
    authority: str = ""

    @property
    def trust(self) -> dict[str, str]:
        """What has a role trust that authority as it trusts a public one in production: by its machine, not by REDIS_URL."""
        return {"SSL_CERT_FILE": self.authority} if self.authority else {}
