"""How long an answer takes: constant, lognormal or from recorded values, drawn from a seed, so that a run can be repeated."""

import math
import random

import msgspec


class Delay(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, forbid_unknown_fields=True
):
    """A distribution of waits; a plain number stands for a constant one.

    Args:
        seconds: the wait, or the median where `sigma` is set.
        sigma: of the logarithm. 0.5 lets one wait in twenty be 2.3 times the median or longer: the lognormal's 95th
            percentile is its median times e to the power of 1.645 sigma.
        values: recorded waits, in seconds, of which one is drawn. They replace the other two.
    """

    seconds: float = 0.0
    sigma: float = 0.0
    values: tuple[float, ...] = ()

    def draw(self, chance: random.Random) -> float:
        """One wait in seconds."""
        if self.values:
            return chance.choice(self.values)
        if self.sigma:
            return self.seconds * math.exp(chance.gauss(0, self.sigma))
        return self.seconds


class Pace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The times at which the parts of an answer are sent.

    Args:
        first: seconds until the first of them.
        between: seconds between two chunks. An answer that is not streamed takes as long as all its chunks would.
    """

    first: float | Delay = 0.0
    between: float | Delay = 0.0

    @property
    def instant(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.first == 0 and self.between == 0

    def gaps(self, chunks: int, seed: str) -> list[float]:
        """Seconds before each of so many chunks.

        Args:
            chunks: one or more.
            seed: another seed gives other waits.
        """
        if not isinstance(self.first, Delay) and not isinstance(self.between, Delay):
            return [self.first, *[self.between] * (chunks - 1)]
        chance = random.Random(seed)  # noqa: S311 - no secret
        return [_draw(self.first, chance), *(_draw(self.between, chance) for _ in range(chunks - 1))]


def _draw(wait: float | Delay, chance: random.Random) -> float:
    return wait.draw(chance) if isinstance(wait, Delay) else wait
