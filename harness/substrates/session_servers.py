"""PostgreSQL and Redis of a test session: started when the first stack asks for them, used by all, ended with the session.

The stacks may belong to several processes (pytest-xdist's workers). Each asks over a socket, and has its part until the
connection ends: so a worker that dies gives its part back too. Each part is a database of its own in either server.
"""

import contextlib
import tempfile
import threading
from multiprocessing.connection import Connection, Listener
from pathlib import Path

from harness.engine.claim import Claim
from harness.progress import Progress, silence
from harness.run import Run
from harness.substrates.places import Places
from harness.substrates.redis_container import DATABASES
from harness.substrates.server_containers import ServerContainers
from harness.substrates.share import KEEP
from harness.substrates.substrate import DOOR, supervise
from harness.substrates.versions import Versions


class SessionServers:
    """Owned by the process that runs the session; costs nothing until somebody asks.

    Args:
        progress: told what takes long: to fetch an image, to bake one.
    """

    def __init__(self, progress: Progress = silence) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="roadmap-")
        self.door = str(Path(self._folder.name) / "door")
        self._progress = progress
        self._listener = Listener(self.door, backlog=16)
        self._starting = threading.Lock()
        self._claim: Claim | None = None
        self._places: dict[tuple[Versions, bool], Places] = {}
        self._numbers = set(range(DATABASES))
        self._kept = False
        threading.Thread(target=self._serve, name="session servers", daemon=True).start()

    def close(self) -> None:
        """End the servers, unless a stack that is left running needs them."""
        self._listener.close()
        self._folder.cleanup()
        claim = self._claim
        if claim is None:
            return
        if not self._kept:
            claim.run.forget()
            claim.give_up()
        claim.supervisor.stop()

    def _serve(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._attend, args=(connection,), name="a share", daemon=True).start()

    def _attend(self, connection: Connection) -> None:
        """Serve one stack until it has let go."""
        with connection, contextlib.suppress(EOFError, OSError):
            versions, network = connection.recv()
            try:
                places = self._started(versions, network=network)
            except Exception as error:  # noqa: BLE001 - whatever it is, the stack's owner has to hear it
                connection.send(f"{type(error).__name__}: {error}")
                return
            number = self._take_number()
            try:
                connection.send((places, number))
                while connection.recv() == KEEP:
                    self._keep()
                    connection.send("kept")
            finally:
                self._numbers.add(number)

    def _started(self, versions: Versions, *, network: bool) -> Places:
        with self._starting:
            claim = self._claim = self._claim or _claim()
            wanted = (versions, network)
            if wanted not in self._places:
                name = claim.network() if network else ""
                servers = ServerContainers.start(claim, versions, name, self._progress)
                self._places[wanted] = servers.places
            return self._places[wanted]

    def _take_number(self) -> int:
        """The lowest that is free."""
        with self._starting:
            number = min(self._numbers)
            self._numbers.remove(number)
        return number

    def _keep(self) -> None:
        if self._claim is not None and not self._kept:
            self._kept = True
            self._claim.supervisor.detach(self._claim.run.data / DOOR)


def _claim() -> Claim:
    run = Run.begin("servers")
    return Claim.make(run, supervise(run))
