"""This provider's limits: requests and tokens a minute, and headers that say what is left."""

import math
from collections.abc import Mapping

from harness.providers import limits
from harness.providers.limits import PLENTY, Bucket, Positive


class Limits(limits.Limits, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one key may ask. See limits.Limits; the provider's period is a minute.

    Args:
        tokens: of one period: those of the prompt, and the most that the answer may have.
    """

    tokens: Positive = PLENTY


class Limiter(limits.Limiter):
    """Both buckets of one key; `admit` takes the `tokens` of a request. See limits.Limiter."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._unlimited = self._as_headers()

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What is left, and when all of it will be there again."""
        return self._as_headers() if self.counts else self._unlimited

    def _made(self, limits: limits.Limits) -> Mapping[str, Bucket]:
        """See limits.Limiter."""
        assert isinstance(limits, Limits)
        return {**super()._made(limits), "tokens": Bucket(limits.tokens, limits.per)}

    def _again(self, wait: float) -> dict[str, str]:
        """See limits.Limiter; if the request can never succeed, the SDK is told not to ask again."""
        if wait == math.inf:
            return {"x-should-retry": "false"}
        return {**super()._again(wait), "retry-after-ms": str(math.ceil(wait * 1000))}

    def _as_headers(self) -> list[tuple[bytes, bytes]]:
        requests, tokens = self._buckets["requests"], self._buckets["tokens"]
        return [
            (b"x-ratelimit-limit-requests", b"%d" % requests.limit),
            (b"x-ratelimit-limit-tokens", b"%d" % tokens.limit),
            (b"x-ratelimit-remaining-requests", b"%d" % requests.remaining),
            (b"x-ratelimit-remaining-tokens", b"%d" % tokens.remaining),
            (b"x-ratelimit-reset-requests", duration(requests.full_in)),
            (b"x-ratelimit-reset-tokens", duration(tokens.full_in)),
        ]


def duration(seconds: float) -> bytes:
    """As the provider writes it: `0s`, `120ms`, `1s`, `6m0s`."""
    milliseconds = math.ceil(seconds * 1000)
    if milliseconds <= 0:
        return b"0s"
    if milliseconds < 1000:  # noqa: PLR2004 - a second
        return b"%dms" % milliseconds
    minutes, left = divmod(milliseconds / 1000, 60)
    return (f"{int(minutes)}m{left:.3g}s" if minutes else f"{left:.4g}s").encode()
