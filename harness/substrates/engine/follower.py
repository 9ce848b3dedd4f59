"""Copies the output of every container of a run into one file for each node, as it comes.

It is a program of its own, so that it also copies the logs of a stack that was left running. After a restart of a container it
goes on from where it was: no line is lost, none is written twice. Arguments: id of the run, folder of the logs.
"""

import contextlib
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import docker
import docker.errors
import requests

from harness.substrates.engine.labels import NODE, RUN

POOL = 64  # connections: one for each container
SECONDS = len("2026-11-25T12:00:00")  # as exact as docker-py's `since` is
STAMP = len("2026-11-25T12:00:00.123456789Z ")  # longer than a line takes to be written


class Follower:
    """Follows the containers of one run.

    Args:
        run_id: of the run.
        folder: of the logs.
    """

    def __init__(self, run_id: str, folder: Path) -> None:
        self._label = f"{RUN}={run_id}"
        self._folder = folder
        self._client = docker.from_env(timeout=None, max_pool_size=POOL)  # type: ignore[arg-type] # none: a log may be silent for days
        self._lock = threading.Lock()
        self._followed: dict[str, bool] = {}  # container -> whether it has started again meanwhile
        self._last: dict[str, bytes] = {}  # container -> the stamp of its last line

    def run(self) -> None:
        """Copy as long as the engine answers."""
        # The events first: a container that starts between the two is seen twice, not missed.
        events = self._client.events(decode=True, filters={"label": self._label, "event": "start"})
        # Also those that have ended by now: their last lines say why.
        listed = self._client.containers.list(all=True, filters={"label": self._label}, ignore_removed=True)
        for container in listed:
            self._begin(str(container.id), container.labels[NODE])
        for event in events:
            self._begin(event["id"], event["Actor"]["Attributes"][NODE])

    def _begin(self, container: str, node: str) -> None:
        with self._lock:
            already = container in self._followed
            self._followed[container] = already
        if not already:
            threading.Thread(target=self._follow, args=(container, node), name=node, daemon=True).start()

    def _follow(self, container: str, node: str) -> None:
        with (self._folder / f"{node}.log").open("ab", buffering=0) as log:
            while True:
                with contextlib.suppress(docker.errors.DockerException, requests.RequestException):
                    self._copy(container, log)
                with self._lock:
                    if not self._followed[container]:
                        del self._followed[container]
                        return
                    self._followed[container] = False

    def _copy(self, container: str, log: BinaryIO) -> None:
        """Copy until the container ends, from where the last copy has ended."""
        known = self._last.get(container, b"")
        since = datetime.fromisoformat(known[:SECONDS].decode()).replace(tzinfo=UTC) if known else None
        for written in self._client.api.logs(container, stream=True, timestamps=True, since=since):
            stamp = written[:STAMP]
            if stamp > known:
                self._last[container] = stamp
                log.write(written[STAMP:])


if __name__ == "__main__":
    Follower(sys.argv[1], Path(sys.argv[2])).run()
