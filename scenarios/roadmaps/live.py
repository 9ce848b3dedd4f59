"""How a deployment of the product is used that is not ours: as a client, which deletes what it has made."""

from typing import TYPE_CHECKING, Any

import httpx
from rich.console import Console

from scenarios.roadmaps.client import ApiClient

if TYPE_CHECKING:
    from scenarios.roadmaps.cost import Announcement

GENERATION_SECONDS = 600.0  # with a real provider, and whatever the deployment does besides


class Live:
    """See harness.stack.live_deployment."""

    def client(self, url: str, journal: Any) -> ApiClient:
        """A client that is not signed in.

        Args:
            url: of the API.
            journal: that its calls are written into.
        """
        return ApiClient(url, journal, generation_seconds=GENERATION_SECONDS)

    def remove(self, client: ApiClient) -> list[Exception]:
        """Delete every account that was made, with all that is theirs; answers what could not be deleted.

        Args:
            client: that made them.
        """
        errors: list[Exception] = []
        for account in client.made:
            try:
                account.delete()
            except (AssertionError, httpx.HTTPError) as error:
                errors.append(RuntimeError(f"{account.email} could not be deleted: {error}"))
        return errors

    def announcement(self, console: Console, url: str, commit: str, *, paid: bool) -> "Announcement":
        """A pytest plugin that says what will be made there, and what that may cost, before anything is asked.

        Args:
            console: where to.
            url: of the deployment.
            commit: that it is of.
            paid: whether its provider may be called.
        """
        from scenarios.roadmaps.cost import Announcement  # pytest, which most commands do without

        return Announcement(console, url, commit, paid=paid)


LIVE = Live()
