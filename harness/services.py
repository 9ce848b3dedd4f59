"""What a stack is made of below its roles, whichever substrate provides it."""

from dataclasses import dataclass

from harness.fake_openai.client import FakeOpenAI


@dataclass(frozen=True, slots=True)
class Servers:
    """What roles are given of the servers below them.

    Args:
        database_url: of PostgreSQL.
        redis_url: of Redis.
        openai: the scripted provider.
    """

    database_url: str
    redis_url: str
    openai: FakeOpenAI
