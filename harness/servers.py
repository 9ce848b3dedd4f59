"""What a stack is made of below its roles, whichever substrate provides it."""

from dataclasses import dataclass

from harness.fake_openai.client import FakeOpenAI


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
    """

    database_url: str
    redis_url: str
    openai_url: str
