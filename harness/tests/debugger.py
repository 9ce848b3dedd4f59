"""As much of a debugger as a test needs: speaks the Debug Adapter Protocol, as VS Code does."""

import json
import socket
from pathlib import Path
from typing import Any, Self


class Debugger:
    """Attached to one process.

    Args:
        port: where its debugpy listens.
    """

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._file = self._socket.makefile("rb")
        self._number = 0
        self._ask("initialize", adapterID="test", clientID="test", pathFormat="path")
        self._ask("attach", justMyCode=False)
        self._until(lambda message: message.get("event") == "initialized")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def stop_at(self, path: Path, line: int) -> None:
        """Set a breakpoint."""
        self._ask("setBreakpoints", source={"path": str(path)}, breakpoints=[{"line": line}])
        number = self._ask("configurationDone")
        self._until(lambda message: message.get("request_seq") == number)

    def wait(self) -> dict[str, Any]:
        """Where it stopped: the innermost frame."""
        thread = self._until(lambda message: message.get("event") == "stopped")["body"]["threadId"]
        number = self._ask("stackTrace", threadId=thread)
        frames = self._until(lambda message: message.get("request_seq") == number)["body"]["stackFrames"]
        self._ask("disconnect")
        found: dict[str, Any] = frames[0]
        return found

    def _ask(self, command: str, **arguments: Any) -> int:
        self._number += 1
        asked = {"seq": self._number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(asked).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        return self._number

    def _until(self, wanted: Any) -> dict[str, Any]:
        while True:
            length = 0
            while line := self._file.readline().strip():
                length = int(line.rpartition(b":")[2])
            message: dict[str, Any] = json.loads(self._file.read(length))
            if wanted(message):
                return message
