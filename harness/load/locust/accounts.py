"""Whom a generator is signed in as: as many accounts as the run needs, none with more unfinished than the service lets it have."""

from dataclasses import dataclass, field
from typing import Protocol

FEWEST, MOST = 4, 40  # signed up beforehand


@dataclass(slots=True)
class Account:
    """Somebody who is signed in.

    Args:
        headers: by which the service knows it.
        making: how many it has unfinished.
        made: ids of those that have ended.
    """

    headers: dict[str, str] = field(default_factory=dict)
    making: int = 0
    made: list[str] = field(default_factory=list)


class SignsUp(Protocol):
    """Whoever can make a new account."""

    def sign_up(self) -> Account: ...


class Accounts:
    """Of one process.

    Args:
        expected: arrivals.
        quota: how many one account may have unfinished.
    """

    def __init__(self, expected: float, quota: int) -> None:
        self._needed = min(max(round(expected / quota) + 1, FEWEST), MOST)
        self._quota = quota
        self._accounts: list[Account] = []

    def prepare(self, user: SignsUp) -> None:
        """Sign up whom the run needs, before the first arrival: later it would make the generator late."""
        while len(self._accounts) < self._needed:
            self._accounts.append(user.sign_up())

    def least_busy(self, user: SignsUp) -> Account:
        """The one with the least unfinished; a new one where all have too much."""
        best = min(self._accounts, key=lambda account: account.making, default=None)
        if best is None or best.making >= self._quota:
            best = user.sign_up()
            self._accounts.append(best)
        return best
