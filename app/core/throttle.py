"""Login attempts of one account, counted over all API processes: in Redis, and in this process while Redis is away."""

import asyncio
import hashlib
import logging
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter

from app.core.settings import Settings

log = logging.getLogger(__name__)
REDIS_SECONDS = 1.0
PAUSE_SECONDS = (
    10.0  # after a failure Redis is not asked for so long: a frozen one would slow every login down
)
WINDOW_SECONDS = 60


class _Storage(RedisStorage):
    """That of limits, which would import every client of Redis that it finds, whichever it is to use."""

    DEPENDENCIES = {"redis": RedisStorage.DEPENDENCIES["redis"]}  # noqa: RUF012 - as limits has it


class LoginThrottle:
    """Says whether one more attempt is allowed.

    Args:
        settings: the limit, and where Redis is.
    """

    def __init__(self, settings: Settings) -> None:
        self._limit = RateLimitItemPerMinute(settings.login_attempts_per_minute)
        redis = _Storage(f"async+{settings.redis_url}", implementation="redispy", key_prefix="logins")
        self._shared = FixedWindowRateLimiter(redis)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._away_until = 0.0

    async def allows(self, account: str) -> bool:
        """Count an attempt.

        Args:
            account: named in it; only its hash leaves this process.
        """
        key = hashlib.sha256(account.encode()).hexdigest()
        if time.monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    return await self._shared.hit(self._limit, key)
            except Exception as error:  # noqa: BLE001 - whatever Redis does, a login is judged
                log.warning("login attempts are counted in this process only: %s", type(error).__name__)
                self._away_until = time.monotonic() + PAUSE_SECONDS
        return await self._own.hit(self._limit, key)
