"""Attempts to log in, counted over all API processes: in Redis, and in this process while Redis is away.

Who guesses locks out himself and nobody else. An address that an account has logged in from has a budget for that account which
nobody else can use up. Any other address has one for each account and a larger one for all accounts together, and all of them
together have a much larger one for each account. The two larger ones are for guesses: what turns out right is given back. Who changes a
password has a token of the account, stolen or not: one budget more bounds that for each account, from wherever it is tried.

Who knows the password logs in so often an hour, from all addresses together; only what was right counts, so nobody else uses that up.

Accounts are made so many an hour from one address. Who has a network of IPv6 addresses has tens of thousands of them: what each may do
of its own, all of a network may do ten times.
"""

import asyncio
import enum
import hashlib
import logging
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter

from app.core.client_address import network_of
from app.core.settings import Settings

log = logging.getLogger(__name__)
REDIS_SECONDS = 1.0
# after a failure Redis is not asked for so long: a frozen one would slow every login down
PAUSE_SECONDS = 10.0
MINUTE, HOUR = 60, 3600  # seconds
OF_AN_ADDRESS = 3  # times what it may try at one account
OF_A_NETWORK = 10  # times what one address of it may
OF_ALL_STRANGERS = 10  # times what one of them may
T = TypeVar("T")


class _Storage(RedisStorage):
    """That of limits, which would import every client of Redis that it finds, whichever it is to use."""

    DEPENDENCIES = {"redis": RedisStorage.DEPENDENCIES["redis"]}  # noqa: RUF012 - as limits has it


class Counted(enum.Enum):
    """Which attempts a budget is for. Until one is known to be right or wrong it counts as wrong."""

    EACH = enum.auto()
    WRONG = enum.auto()
    RIGHT = enum.auto()


@dataclass(frozen=True, slots=True)
class Budget:
    """Attempts in a window of time.

    Args:
        name: of the policy, as clients are told it.
        attempts: in a window.
        key: whose; only a hash leaves this process.
        counted: which of them.
        seconds: of the window.
    """

    name: str
    attempts: int
    key: str
    counted: Counted = Counted.EACH
    seconds: int = MINUTE

    @property
    def limit(self) -> RateLimitItemPerSecond:
        """As limits has it."""
        return RateLimitItemPerSecond(self.attempts, self.seconds)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one more attempt is allowed.

    Args:
        allowed: whether it is.
        budget: that refuses it, else the account's for this address.
        remaining: attempts that are left in it.
        reset_seconds: until it is full again; at least one.
    """

    allowed: bool
    budget: Budget
    remaining: int
    reset_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """For the response, as draft-ietf-httpapi-ratelimit-headers has them; of a refusal also when to come again."""
        told = {
            "RateLimit-Policy": f'"{self.budget.name}";q={self.budget.attempts};w={self.budget.seconds}',
            "RateLimit": f'"{self.budget.name}";r={self.remaining};t={self.reset_seconds}',
        }
        return told if self.allowed else told | {"Retry-After": str(self.reset_seconds)}


class LoginThrottle:
    """Says whether one more attempt is allowed.

    Args:
        settings: the limit, and where Redis is.
    """

    def __init__(self, settings: Settings) -> None:
        self._attempts = settings.login_attempts_per_minute
        self._logins = settings.logins_per_hour
        self._registrations = settings.registrations_per_hour
        redis = _Storage(f"async+{settings.redis_url}", implementation="redispy", key_prefix="logins")
        self._shared = FixedWindowRateLimiter(redis)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._away_until = 0.0

    async def judge(self, account: str, address: str, *, known: bool, change: bool = False) -> Verdict:
        """Count an attempt. What one budget refuses is counted by none of those after it.

        Args:
            account: that is named in it.
            address: that it comes from.
            known: whether that account has logged in from there before, or a token of it was shown.
            change: whether the password is to be changed.
        """
        budgets = self._budgets(account, address, known=known, change=change)
        return await self._asked(lambda limiter: _judged(limiter, budgets))

    async def judge_registration(self, address: str) -> Verdict:
        """Count an attempt to make an account, whatever comes of it: also that an e-mail is taken is something told.

        Args:
            address: that it comes from.
        """
        budgets = _of_address("registration", self._registrations, "register", address, seconds=HOUR)
        return await self._asked(lambda limiter: _judged(limiter, budgets))

    async def succeeded(self, account: str, address: str, *, known: bool, change: bool = False) -> Verdict:
        """The attempt that was counted last with these was right, and may be one too many all the same.

        Args:
            account: as for `judge`.
            address: likewise.
            known: likewise.
            change: likewise.
        """
        budgets = self._budgets(account, address, known=known, change=change)
        return await self._asked(lambda limiter: _right(limiter, budgets))

    def _budgets(self, account: str, address: str, *, known: bool, change: bool) -> list[Budget]:
        own = Budget("login", self._attempts, _hashed(account, address))
        if change:
            guessed = Budget("password", self._attempts, _hashed(account, "change"), Counted.WRONG)
            return [own, self._right("changes", account), guessed]
        right = self._right("logins", account)
        if known:
            return [own, right]
        return [
            own,
            right,
            *_of_address("address", OF_AN_ADDRESS * self._attempts, "", address, Counted.WRONG),
            Budget("account", OF_ALL_STRANGERS * self._attempts, _hashed(account, ""), Counted.WRONG),
        ]

    def _right(self, name: str, account: str) -> Budget:
        """One for each kind: whoever has the password by theft leaves its owner a change of it."""
        return Budget(name, self._logins, _hashed(account, name), Counted.RIGHT, HOUR)

    async def _asked(self, count: Callable[[FixedWindowRateLimiter], Awaitable[T]]) -> T:
        if time.monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    return await count(self._shared)
            except Exception as error:  # noqa: BLE001 - whatever Redis does, a login is judged
                log.warning("login attempts are counted in this process only: %s", type(error).__name__)
                self._away_until = time.monotonic() + PAUSE_SECONDS
        return await count(self._own)


def _of_address(
    name: str,
    attempts: int,
    what: str,
    address: str,
    counted: Counted = Counted.EACH,
    *,
    seconds: int = MINUTE,
) -> list[Budget]:
    """Of one address, and of the network that it is of."""
    own = Budget(name, attempts, _hashed(what, address), counted, seconds)
    network = network_of(address)
    if network is None:
        return [own]
    all_ = Budget("network", OF_A_NETWORK * attempts, _hashed(what, network), counted, seconds)
    return [own, all_]


async def _judged(limiter: FixedWindowRateLimiter, budgets: Sequence[Budget]) -> Verdict:
    for budget in budgets:
        ask = limiter.test if budget.counted is Counted.RIGHT else limiter.hit
        if not await ask(budget.limit, budget.key):
            return await _verdict(limiter, budget, allowed=False)
    return await _verdict(limiter, budgets[0], allowed=True)


async def _right(limiter: FixedWindowRateLimiter, budgets: Sequence[Budget]) -> Verdict:
    for budget in budgets:
        if budget.counted is Counted.WRONG:
            await limiter.storage.incr(budget.limit.key_for(budget.key), budget.limit.get_expiry(), -1)
    for budget in budgets:
        if budget.counted is Counted.RIGHT and not await limiter.hit(budget.limit, budget.key):
            return await _verdict(limiter, budget, allowed=False)
    return await _verdict(limiter, budgets[0], allowed=True)


async def _verdict(limiter: FixedWindowRateLimiter, told: Budget, *, allowed: bool) -> Verdict:
    stats = await limiter.get_window_stats(told.limit, told.key)
    left = min(told.seconds, max(1, math.ceil(stats.reset_time - time.time())))
    return Verdict(allowed, told, stats.remaining if allowed else 0, left)


def _hashed(account: str, address: str) -> str:
    return hashlib.sha256(f"{account}\n{address}".encode()).hexdigest()
