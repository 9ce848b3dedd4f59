"""A server in a container: started, started again, and found where its ports are now."""

from abc import ABC, abstractmethod

from harness.base.wait import eventually
from harness.substrates.engine.container import Container, Wanted
from harness.substrates.places import Place

START_SECONDS = 60.0
POLL_SECONDS = 0.005


class ServerContainer(ABC):
    """One server.

    Args:
        wanted: its container.
        container: the container, where it runs already.
    """

    def __init__(self, wanted: Wanted, container: Container | None = None) -> None:
        self._wanted = wanted
        self.container = container

    def start(self) -> Container:
        """Start the server, again if need be, and return once it has answered.

        Raises:
            EngineError: the engine refused.
            TimeoutError: the server did not answer; shows its log.
        """
        if self.container is None:
            self.container = Container.start(self._wanted)
        else:
            self.container.start_again()
        container = self.container
        eventually(
            self.answers,
            timeout=START_SECONDS,
            what=f"the first answer of {self._wanted.node}",
            poll=POLL_SECONDS,
            unless=lambda: None if container.alive else "it has ended",
            evidence=container.tail,
        )
        return container

    def place(self, port: int) -> Place:
        """The place of one of its ports; its address from outside changes at each start.

        Args:
            port: it listens on.
        """
        return Place(self.outside(port), f"{self._wanted.alias}:{port}")

    def outside(self, port: int) -> str:
        """The `host:port` by which the machine reaches a port of it."""
        assert self.container is not None
        return self.container.address(port)

    @abstractmethod
    def answers(self) -> bool:
        """Whether it works."""

    def remove(self) -> None:
        """Remove it with its data."""
        if self.container is not None:
            self.container.remove()
