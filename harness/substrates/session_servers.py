"""PostgreSQL and Redis of a test session: started when the first stack asks for them, used by all, ended with the session.

The stacks may belong to several processes (pytest-xdist's workers). Each process asks over a socket, and keeps its part until the
connection ends: so a worker that dies gives its part back, too. Each part is a database of its own in both servers.
"""

import contextlib
import tempfile
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection, Listener
from pathlib import Path

from harness.application import App
from harness.base.progress import Progress, silence
from harness.base.run import Run
from harness.substrates.engine.claim import Claim
from harness.substrates.places import Places
from harness.substrates.redis_container import DATABASES
from harness.substrates.server_containers import ServerContainers
from harness.substrates.share import KEEP
from harness.substrates.substrate import DOOR, supervise
from harness.substrates.versions import Versions


class Served:
    """One pair of servers with their users.

    Args:
        claim: of its own run.
        places: addresses of the two.
        databases: of Redis that each user has.
    """

    def __init__(self, claim: Claim, places: Places, databases: int) -> None:
        self.claim = claim
        self.places = places
        self._numbers = set(range(0, DATABASES - databases + 1, databases))
        self._lock = threading.Lock()
        self._kept = False

    @classmethod
    def start(cls, app: App, versions: Versions, progress: Progress, *, network: bool) -> "Served":
        """Start both.

        Args:
            app: whose stacks use them.
            versions: of the two.
            progress: told of slow steps.
            network: whether other containers must reach them.
        """
        run = Run.begin("servers")
        supervisor = supervise(run)
        try:
            claim = Claim.make(run, supervisor)
            name = claim.network() if network else ""
            servers = ServerContainers.prepare(app, claim, versions, name, progress)
            return cls(claim, servers.start(), app.redis.databases)
        except BaseException:
            run.forget()
            supervisor.stop()  # this removes everything of the run from the engine
            raise

    @contextlib.contextmanager
    def number(self) -> Iterator[int]:
        """The first Redis database for a single user: the lowest free number."""
        with self._lock:
            number = min(self._numbers)
            self._numbers.remove(number)
        try:
            yield number
        finally:
            self._numbers.add(number)

    def keep(self) -> None:
        """Let them outlive their session, until `harness down`."""
        with self._lock:
            if not self._kept:
                self._kept = True
                self.claim.supervisor.detach(self.claim.run.data / DOOR)

    def close(self) -> None:
        """End them, unless they are kept."""
        if not self._kept:
            self.claim.give_up()
            self.claim.run.forget()
        self.claim.supervisor.stop()


class SessionServers:
    """The servers of a session, owned by its main process; nothing is started until a stack asks.

    Args:
        app: whose stacks use them.
        progress: told of slow steps: to fetch an image, to bake one.
    """

    def __init__(self, app: App, progress: Progress = silence) -> None:
        self._app = app
        self._folder = tempfile.TemporaryDirectory(prefix="harness-")
        self.door = str(Path(self._folder.name) / "door")
        self._progress = progress
        self._listener = Listener(self.door, backlog=16)
        self._starting = threading.Lock()
        self._served: dict[tuple[Versions, bool], Served] = {}
        threading.Thread(target=self._serve, name="session servers", daemon=True).start()

    def close(self) -> None:
        """End all servers that are not needed by a stack that was left running."""
        self._listener.close()
        self._folder.cleanup()
        for served in self._served.values():
            served.close()

    def _serve(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._attend, args=(connection,), name="a share", daemon=True).start()

    def _attend(self, connection: Connection) -> None:
        """Serve one stack until it closes its connection."""
        with connection, contextlib.suppress(EOFError, OSError):
            versions, network = connection.recv()
            try:
                served = self._started(versions, network=network)
            except Exception as error:  # noqa: BLE001 - whatever it is, the stack's owner has to hear it
                connection.send(f"{type(error).__name__}: {error}")
                return
            with served.number() as number:
                connection.send((served.places, number))
                while connection.recv() == KEEP:
                    served.keep()
                    connection.send("kept")

    def _started(self, versions: Versions, *, network: bool) -> Served:
        wanted = (versions, network)
        with self._starting:
            if wanted not in self._served:
                self._served[wanted] = Served.start(self._app, versions, self._progress, network=network)
            return self._served[wanted]
