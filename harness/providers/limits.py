"""Token buckets as the provider has them: so many requests and tokens a minute, and headers that say what is left."""

import math
import time
from typing import Annotated

import msgspec

from harness.providers.openai.errors import RefusedError

PLENTY = 1e9
Positive = Annotated[float, msgspec.Meta(gt=0)]


class Limits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one key may ask.

    Args:
        requests: of one period. By default so many that nobody comes near.
        tokens: of one period: those of the prompt, and the most that the answer may have.
        per: the period in seconds; the provider's is a minute.
    """

    requests: Positive = PLENTY
    tokens: Positive = PLENTY
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
        """Seconds until so much is there; 0 where it is. What is more than the whole is never there."""
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
    """Both buckets of one key.

    Args:
        limits: their sizes. What is as good as unlimited is not counted: it is full again before the next request comes.
    """

    def __init__(self, limits: Limits) -> None:
        self.counts = limits.requests < PLENTY or limits.tokens < PLENTY
        self._requests = Bucket(limits.requests, limits.per)
        self._tokens = Bucket(limits.tokens, limits.per)
        now = time.monotonic()
        self._requests.fill(now)
        self._tokens.fill(now)
        self._headers = self._as_headers()

    def admit(self, tokens: int) -> None:
        """Take one request of so many tokens.

        Raises:
            RefusedError: 429; its headers say when to ask again.
        """
        now = time.monotonic()
        self._requests.fill(now)
        self._tokens.fill(now)
        for kind, bucket, amount in (("requests", self._requests, 1), ("tokens", self._tokens, tokens)):
            wait = bucket.wait(amount)
            if wait:
                raise self._refusal(kind, bucket, amount, wait)
        self._requests.take(1)
        self._tokens.take(tokens)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What is left, and when all of it will be there again."""
        return self._as_headers() if self.counts else self._headers

    def _as_headers(self) -> list[tuple[bytes, bytes]]:
        requests, tokens = self._requests, self._tokens
        return [
            (b"x-ratelimit-limit-requests", b"%d" % requests.limit),
            (b"x-ratelimit-limit-tokens", b"%d" % tokens.limit),
            (b"x-ratelimit-remaining-requests", b"%d" % requests.remaining),
            (b"x-ratelimit-remaining-tokens", b"%d" % tokens.remaining),
            (b"x-ratelimit-reset-requests", duration(requests.full_in)),
            (b"x-ratelimit-reset-tokens", duration(tokens.full_in)),
        ]

    def _refusal(self, kind: str, bucket: Bucket, amount: float, wait: float) -> RefusedError:
        said = f"Rate limit reached for {kind}: limit {bucket.limit:g}, left {bucket.remaining}, asked {amount:g}."
        headers = {"x-should-retry": "false"}
        if wait < math.inf:
            headers = {"retry-after": str(math.ceil(wait)), "retry-after-ms": str(math.ceil(wait * 1000))}
        return RefusedError(said, None, "rate_limit_exceeded", status=429, kind=kind, headers=headers)


def duration(seconds: float) -> bytes:
    """As the provider writes it: `0s`, `120ms`, `1s`, `6m0s`."""
    milliseconds = math.ceil(seconds * 1000)
    if milliseconds <= 0:
        return b"0s"
    if milliseconds < 1000:  # noqa: PLR2004 - a second
        return b"%dms" % milliseconds
    minutes, left = divmod(milliseconds / 1000, 60)
    return (f"{int(minutes)}m{left:.3g}s" if minutes else f"{left:.4g}s").encode()
