"""Counts attempts to log in over all API processes: in Redis, and in this process while Redis is away.

A client that guesses passwords locks out only itself. An address from which an account has logged in has a budget for that account that
no other address can use up. Each other address has a budget for each account and a larger one for all accounts together, and all other
addresses together have a much larger one for each account. The two larger budgets count guesses: a right password is given back. A
change of the password needs a token of the account, which may be stolen: one more budget limits it for each account, from all addresses.

Right passwords have a budget too, for each account and hour, from all addresses together; only right ones count, so that no stranger
can use it up.

New accounts have a budget for each address and hour. An IPv6 network has tens of thousands of addresses: all of them together may do ten
times what one may.
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
# So long after a failure Redis is not asked: a frozen Redis would slow down every login.
PAUSE_SECONDS = 10.0
MINUTE, HOUR = 60, 3600  # seconds
OF_AN_ADDRESS = 3  # times its attempts at one account
OF_A_NETWORK = 10  # times the attempts of one of its addresses
OF_ALL_STRANGERS = 10  # times the attempts of one of them
T = TypeVar("T")


class _Storage(RedisStorage):
    """The storage of `limits`, which by itself imports every Redis client that is installed."""

    DEPENDENCIES = {"redis": RedisStorage.DEPENDENCIES["redis"]}  # noqa: RUF012 - as limits has it


class Counted(enum.Enum):
    """Which attempts a budget counts. An attempt counts as wrong until it is known to be right."""

    EACH = enum.auto()
    WRONG = enum.auto()
    RIGHT = enum.auto()


@dataclass(frozen=True, slots=True)
class Budget:
    """Attempts in a window of time.

    Args:
        name: of the policy, as clients see it.
        attempts: in a window.
        key: of the account or address; only a hash leaves this process.
        counted: which attempts.
        seconds: of the window.
    """

    name: str
    attempts: int
    key: str
    counted: Counted = Counted.EACH
    seconds: int = MINUTE

    @property
    def limit(self) -> RateLimitItemPerSecond:
        """The budget in the form that `limits` needs."""
        return RateLimitItemPerSecond(self.attempts, self.seconds)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one more attempt is allowed.

    Args:
        allowed: whether it is.
        budget: the one that refuses it, else the account's for this address.
        remaining: attempts that are left in the budget.
        reset_seconds: until the budget is full again; at least one.
    """

    allowed: bool
    budget: Budget
    remaining: int
    reset_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """The response's headers, by draft-ietf-httpapi-ratelimit-headers; after a refusal also Retry-After."""
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
        """Count an attempt. If one budget refuses it, the budgets after that one do not count it.

        Args:
            account: that it names.
            address: that it comes from.
            known: whether that account has logged in from this address before, or the attempt has a token of it.
            change: whether the password is to be changed.
        """
        budgets = self._budgets(account, address, known=known, change=change)
        return await self._asked(lambda limiter: _judged(limiter, budgets))

    async def judge_registration(self, address: str) -> Verdict:
        """Count an attempt to make an account, whatever its result: even the answer that an e-mail is taken reveals something.

        Args:
            address: that it comes from.
        """
        budgets = _of_address("registration", self._registrations, "register", address, seconds=HOUR)
        return await self._asked(lambda limiter: _judged(limiter, budgets))

    async def succeeded(self, account: str, address: str, *, known: bool, change: bool = False) -> Verdict:
        """Note that the attempt that was counted last with these arguments was right; it may still be one too many.

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
        """A budget for right passwords. Logins and changes have one each: a thief of the password cannot use up its owner's change."""
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
    """The budgets of an address, and of its IPv6 network."""
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
