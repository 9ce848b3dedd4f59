"""Uses a remote deployment of the product as a client, which deletes everything that it has made."""

from typing import TYPE_CHECKING, Any

import httpx
from rich.console import Console

from scenarios.roadmaps.client import ApiClient

if TYPE_CHECKING:
    from scenarios.roadmaps.cost import Announcement

GENERATION_SECONDS = 600.0  # for a real provider and a busy deployment


class Live:
    """See harness.stack.live_deployment."""

    def client(self, url: str, journal: Any) -> ApiClient:
        """A client that is not logged in.

        Args:
            url: of the API.
            journal: for its calls.
        """
        return ApiClient(url, journal, generation_seconds=GENERATION_SECONDS)

    def remove(self, client: ApiClient) -> list[Exception]:
        """Delete every account that was made, with all its data; returns an error for each that could not be deleted.

        Args:
            client: that made the accounts.
        """
        errors: list[Exception] = []
        for account in client.made:
            try:
                account.delete()
            except (AssertionError, httpx.HTTPError) as error:
                errors.append(RuntimeError(f"{account.email} could not be deleted: {error}"))
        return errors

    def announcement(self, console: Console, url: str, commit: str, *, paid: bool) -> "Announcement":
        """A pytest plugin that prints, before the first request, what will be made there and what that may cost.

        Args:
            console: to print on.
            url: of the deployment.
            commit: of the deployment.
            paid: whether its provider may be called.
        """
        from scenarios.roadmaps.cost import Announcement  # imports pytest, which most commands do not need

        return Announcement(console, url, commit, paid=paid)


LIVE = Live()
