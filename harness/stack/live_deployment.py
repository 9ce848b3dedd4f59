"""A live deployment instead of a stack: its build is checked, it is used as a client, and it is left as it was."""

from collections.abc import Mapping
from typing import Any, Protocol

from harness.application import App, current
from harness.base.run import Run
from harness.nodes.node import Node
from harness.stack.client import new_client
from harness.stack.running import Running
from harness.stack.target import Target
from harness.substrates.choice import REMOTE
from harness.substrates.spec import StackSpec


class Live(Protocol):
    """The functions for it that an application declares: `App(live=...)`."""

    def client(self, url: str, journal: Any) -> Any:
        """A client of the deployment; see harness.stack.client."""

    def remove(self, client: Any) -> list[Exception]:
        """Remove everything that a client has made; return what could not be removed."""

    def announcement(self, console: Any, url: str, commit: str, *, paid: bool) -> object:
        """A pytest plugin that says, before the first call, what will be made there."""


class LiveDeployment(Running):
    """The part of a stack that a client sees. Things that a scenario makes through its clients are removed after it.

    Args:
        spec: specification with the tier that it should run at.
        target: where it is.
        app: whose deployment it is; the project's by default.
    """

    inspectable = False

    def __init__(self, spec: StackSpec, target: Target, app: App | None = None) -> None:
        app = app or current()
        super().__init__(app, spec.of(app).on(REMOTE), Run.begin(REMOTE), {})
        self._target = target
        self._url = target.url
        self._clients: list[Any] = []

    @property
    def api_url(self) -> str:
        """See Running."""
        return self._url

    @property
    def nodes(self) -> Mapping[str, Node]:
        """None is ours to look at."""
        return {}

    @property
    def roles(self) -> dict[str, Node]:
        """None is ours to look at."""
        return {}

    def client(self) -> Any:
        """See Running."""
        live: Live | None = self.app.live
        made = (
            live.client(self.api_url, self.journal) if live else new_client(self.app, self._url, self.journal)
        )
        self._clients.append(made)
        return made

    def let_go(self, client: Any) -> None:
        """See Running. The client is closed later: only it can remove what it has made."""

    def start(self) -> None:
        """Do nothing: it runs already."""

    def wait_until_idle(self) -> None:
        """Do not wait: others use it too, so it may never be idle."""

    def clear(self) -> None:
        """Remove everything that the clients have made.

        Raises:
            ExceptionGroup: a thing could not be removed; says which.
        """
        errors: list[Exception] = []
        for client in self._clients:
            if self.app.live:
                errors += self.app.live.remove(client)
            client.close()
        self._clients.clear()
        self.mark()
        if errors:
            raise ExceptionGroup(f"something is left on {self.api_url}", errors)

    def access(self) -> dict[str, str]:
        """Where it is."""
        return {self.app.asked(): self.api_url}

    def detach(self) -> None:
        """Let it live on, with the things that were made in it."""

    def another(self) -> "LiveDeployment":
        """The same deployment, without any record of things made before."""
        return LiveDeployment(self.spec, self._target, self.app)

    @property
    def how_to_end(self) -> str:
        """See Running."""
        return "it is not ours to end"

    def stop(self) -> None:
        """Remove everything that was made, and let go of the deployment."""
        try:
            self.clear()
        finally:
            self.run.forget()
            self.journal.close()
