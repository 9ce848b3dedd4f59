"""One stack's part of servers that all stacks of a session use."""

from multiprocessing.connection import Client, Connection
from typing import Self

from harness.substrates.places import Places
from harness.substrates.versions import Versions

KEEP = "keep"


class ShareError(Exception):
    """The session has no servers to share; says why."""


class Share:
    """A part that is held until it is closed, or until its process ends.

    Args:
        connection: to the session's owner.
        places: of the servers.
        number: number of the Redis database that only this stack uses.
    """

    def __init__(self, connection: Connection, places: Places, number: int) -> None:
        self._connection = connection
        self.places = places
        self.number = number

    @classmethod
    def take(cls, door: str, versions: Versions, *, network: bool) -> "Share":
        """Ask for a part; the first caller starts the servers.

        Args:
            door: of the session's owner.
            versions: of the servers.
            network: whether other containers must reach them.

        Raises:
            ShareError: they could not be started; says why.
        """
        connection = Client(door)
        connection.send((versions, network))
        answer = connection.recv()
        if isinstance(answer, str):
            connection.close()
            raise ShareError(answer)
        return cls(connection, *answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def keep(self) -> None:
        """Let the servers outlive their session, until `harness down`."""
        self._connection.send(KEEP)
        self._connection.recv()

    def close(self) -> None:
        """Give it back."""
        self._connection.close()
