"""A live deployment in the place of a stack: proved to be the build it should be, used as a client, and left as it was."""

from collections.abc import Mapping

import httpx

from harness.nodes.node import Node
from harness.stack.stack import Stack
from harness.stack.target import Target
from harness.substrates.spec import StackSpec
from scenarios.roadmaps.client import ApiClient

GENERATION_SECONDS = 600.0  # with a real provider, and whatever the deployment does besides


class RemoteStack(Stack):
    """As much of a stack as a client sees. Whatever scenarios make through its clients is deleted after each of them.

    Args:
        spec: on the substrate `remote`.
        target: where it is.
    """

    on_this_machine = False

    def __init__(self, spec: StackSpec, target: Target) -> None:
        super().__init__(spec, "remote")
        self._url = target.url
        self._clients: list[ApiClient] = []
        self.secrets = {}
        self.environments: dict[str, dict[str, str]] = {}

    @property
    def api_url(self) -> str:
        return self._url

    @property
    def nodes(self) -> Mapping[str, Node]:
        return {}

    def client(self) -> ApiClient:
        """A client that is not signed in."""
        made = ApiClient(self.api_url, self.journal, generation_seconds=GENERATION_SECONDS)
        self._clients.append(made)
        return made

    def start(self) -> None:
        """It runs already."""

    def wait_until_idle(self) -> None:
        """Others use it too: it may never be idle, and need not be."""

    def reset(self) -> None:
        """Delete what was made.

        Raises:
            ExceptionGroup: something could not be deleted; says what.
        """
        self.clear()

    def clear(self) -> None:
        """See `reset`."""
        errors: list[Exception] = []
        for client in self._clients:
            for account in client.made:
                try:
                    account.delete()
                except (AssertionError, httpx.HTTPError) as error:
                    errors.append(RuntimeError(f"{account.email} could not be deleted: {error}"))
            client.close()
        self._clients.clear()
        self.mark()
        if errors:
            raise ExceptionGroup(f"something is left on {self.api_url}", errors)

    def access(self) -> dict[str, str]:
        """Where it is."""
        return {"API": f"{self.api_url}/docs"}

    def detach(self) -> None:
        """It lives on anyway."""

    def stop(self) -> None:
        """Delete what was made, and let go."""
        try:
            self.clear()
        finally:
            self.run.forget()
            self.journal.close()
