"""The owner's side of the fork server."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from harness.base.project import SOURCE
from harness.nodes.process import SupervisorError
from harness.nodes.supervisor_client import SupervisorClient

START_SECONDS = 60.0


class ForkServerClient:
    """Forks supervisors whose Python programs need not import the libraries again. Linux only.

    Args:
        libraries: modules to import.
        environment: variables that one of them reads when it is imported, such as Celery REMAP_SIGTERM.

    Raises:
        SupervisorError: the fork server did not start; shows why.
    """

    def __init__(self, libraries: Sequence[str], environment: Mapping[str, str]) -> None:
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(START_SECONDS)
        self._answers = self._socket.makefile("r", encoding="utf-8")
        with theirs, tempfile.TemporaryFile() as said:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "harness.nodes.fork_server", str(theirs.fileno()), *libraries],
                pass_fds=[theirs.fileno()],
                cwd=SOURCE,
                env={"PATH": os.environ["PATH"], **environment},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
            theirs.close()  # else we would not notice its end
            if self._answers.readline() != "warm\n":
                self.close()
                said.seek(0)
                raise SupervisorError(
                    f"the warm process did not start:\n{said.read().decode(errors='replace')}"
                )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def supervisor(self, log: Path, remove: Sequence[Path] = ()) -> SupervisorClient:
        """Fork a new supervisor, which we own.

        Args:
            log: file for its errors.
            remove: folders that go with the stack, even if the owner is killed.

        Raises:
            SupervisorError: the warm process is gone.
        """
        ours, theirs = socket.socketpair()
        request = json.dumps({"remove": [str(path) for path in remove]}).encode()
        with theirs, log.open("ab") as errors:
            try:
                socket.send_fds(self._socket, [request], [theirs.fileno(), errors.fileno()])
                pid = json.loads(self._answers.readline())["pid"]
            except (OSError, ValueError) as error:
                ours.close()
                raise SupervisorError(f"the warm process is gone: {error}") from error
        return SupervisorClient(ours, pid)

    def close(self) -> None:
        """End it; the supervisors go on."""
        self._answers.close()
        self._socket.close()
        self._popen.wait()
