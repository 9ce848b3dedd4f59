"""Token buckets: so many requests in a period; a refusal says when to ask again."""

import math
import time
from collections.abc import Mapping
from typing import Annotated

import msgspec

from harness.providers.errors import RefusedError

PLENTY = 1e9
LIMITED = "rate_limit_exceeded"  # the code of a refusal
Positive = Annotated[float, msgspec.Meta(gt=0)]


class Limits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one key may ask.

    Args:
        requests: requests in one period; unlimited in practice by default.
        per: the period in seconds.
    """

    requests: Positive = PLENTY
    per: Positive = 60.0


class Bucket:
    """One budget, full at first, filled evenly over the period."""

    __slots__ = ("_at", "_left", "_rate", "limit")

    def __init__(self, limit: float, per: float) -> None:
        self.limit = limit
        self._rate = limit / per
        self._left = limit
        self._at = 0.0

    def fill(self, now: float) -> None:
        self._left = min(self.limit, self._left + (now - self._at) * self._rate)
        self._at = now

    def wait(self, amount: float) -> float:
        """Seconds until so much is available; 0 if it is now, infinite if it is more than the bucket holds."""
        if amount > self.limit:
            return math.inf
        return max(0.0, (amount - self._left) / self._rate)

    def take(self, amount: float) -> None:
        self._left -= amount

    @property
    def remaining(self) -> int:
        return max(0, math.floor(self._left))

    @property
    def full_in(self) -> float:
        """Seconds until it is full again."""
        return (self.limit - self._left) / self._rate


class Limiter:
    """The buckets of one key.

    Args:
        limits: their sizes. A practically unlimited bucket is not counted: it is full again before the next request.
    """

    def __init__(self, limits: Limits) -> None:
        self._buckets = self._made(limits)
        self.counts = any(bucket.limit < PLENTY for bucket in self._buckets.values())
        now = time.monotonic()
        for bucket in self._buckets.values():
            bucket.fill(now)

    def admit(self, **amounts: float) -> None:
        """Take one request out of the budget.

        Args:
            amounts: what it takes of further buckets, by what they limit.

        Raises:
            RefusedError: 429; its headers say when to ask again.
        """
        now = time.monotonic()
        taken = {"requests": 1.0, **amounts}
        for kind, amount in taken.items():
            bucket = self._buckets[kind]
            bucket.fill(now)
            wait = bucket.wait(amount)
            if wait:
                raise self._refusal(kind, bucket, amount, wait)
        for kind, amount in taken.items():
            self._buckets[kind].take(amount)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of every answer about the limits; here none."""
        return []

    def _made(self, limits: Limits) -> Mapping[str, Bucket]:
        """The buckets, by what they limit."""
        return {"requests": Bucket(limits.requests, limits.per)}

    def _again(self, wait: float) -> dict[str, str]:
        """The headers that say when to ask again.

        Args:
            wait: seconds; infinite for never.
        """
        return {"retry-after": str(math.ceil(wait))} if wait < math.inf else {}

    def _refusal(self, kind: str, bucket: Bucket, amount: float, wait: float) -> RefusedError:
        said = f"Rate limit reached for {kind}: limit {bucket.limit:g}, left {bucket.remaining}, asked {amount:g}."
        return RefusedError(said, None, LIMITED, status=429, kind=kind, headers=self._again(wait))
