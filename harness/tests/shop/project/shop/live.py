"""How a shop is used that is not ours: as a customer, who takes back what he has ordered."""

from typing import Any

import httpx

from harness.stack.client import HttpClient


class Customer(HttpClient):
    """Remembers what he has ordered."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.ordered: list[str] = []

    def ask(self, work: str = "") -> str:
        """See HttpClient."""
        self.ordered.append(super().ask(work))
        return self.ordered[-1]


class Announcement:
    """A pytest plugin that says what will be ordered.

    Args:
        console: where to.
        where: the shop.
    """

    def __init__(self, console: Any, where: str) -> None:
        self._console = console
        self._where = where

    def pytest_collection_finish(self, session: Any) -> None:
        self._console.print(f"{self._where}: {len(session.items)} scenarios order tea, and take it back")


class Live:
    """See harness.stack.live_deployment.

    Args:
        works: that can be asked for.
    """

    def __init__(self, works: tuple[Any, ...]) -> None:
        self._works = works

    def client(self, url: str, journal: Any) -> Customer:
        """A customer."""
        return Customer(url, journal, self._works)

    def remove(self, client: Customer) -> list[Exception]:
        """Take back what he has ordered."""
        errors: list[Exception] = []
        for number in client.ordered:
            try:
                client.request("DELETE", f"/orders/{number}").raise_for_status()
            except httpx.HTTPError as error:
                errors.append(RuntimeError(f"order {number} could not be taken back: {error}"))
        return errors

    def announcement(self, console: Any, url: str, commit: str, *, paid: bool) -> Announcement:
        """What will be ordered there."""
        del commit, paid  # the shop does not tell, and tea is free
        return Announcement(console, url)
