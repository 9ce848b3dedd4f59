"""The accounts of a generator: as many as the run needs, none with more unfinished jobs than the service allows."""

from dataclasses import dataclass, field
from typing import Protocol

FEWEST, MOST = 4, 40  # signed up beforehand


@dataclass(slots=True)
class Account:
    """A signed-in account.

    Args:
        headers: headers that identify it.
        making: number of its unfinished jobs.
        made: ids of those that have ended.
    """

    headers: dict[str, str] = field(default_factory=dict)
    making: int = 0
    made: list[str] = field(default_factory=list)


class SignsUp(Protocol):
    """Something that can make a new account."""

    def sign_up(self) -> Account: ...


class Accounts:
    """The accounts of one process.

    Args:
        expected: arrivals.
        quota: unfinished jobs that one account may have.
    """

    def __init__(self, expected: float, quota: int) -> None:
        self._needed = min(max(round(expected / quota) + 1, FEWEST), MOST)
        self._quota = quota
        self._accounts: list[Account] = []

    def prepare(self, user: SignsUp) -> None:
        """Sign up the accounts that the run needs, before the first arrival: later it would delay the generator."""
        while len(self._accounts) < self._needed:
            self._accounts.append(user.sign_up())

    def least_busy(self, user: SignsUp) -> Account:
        """The account with the fewest unfinished jobs; a new one where all have too many."""
        best = min(self._accounts, key=lambda account: account.making, default=None)
        if best is None or best.making >= self._quota:
            best = user.sign_up()
            self._accounts.append(best)
        return best
