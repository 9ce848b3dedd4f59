"""The collector: keeps the records of generators whose pods are gone at their end, judges each, and writes its page.

A generator sends its summary and its notes as one JSON document; each record gets a folder with the same files as `report`
writes.
"""

import contextlib
import hmac
import io
import json
import re
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

from harness.load.declaration import LoadTest
from harness.load.judging import judged
from harness.load.locust.recorder import SUMMARY
from harness.load.remote import client_run

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
MOST_BYTES = 256 * 1024 * 1024


class RefusedError(Exception):
    """The record is not kept; says why."""


def keep(test: LoadTest, folder: Path, name: str, record: Any) -> dict[str, Any]:
    """Keep a record in a folder of its own, and judge it.

    Args:
        test: whose it is.
        folder: for all records.
        name: of this one.
        record: its summary, and what was asked for.

    Returns:
        The verdict's exit code, and the text for a person.

    Raises:
        RefusedError: it is no record, or there is one of that name: records are never overwritten.
    """
    if not NAME.match(name):
        raise RefusedError(f"{name!r} is no name of a record")
    if (
        not isinstance(record, dict)
        or not isinstance(record.get("summary"), dict)
        or not isinstance(record.get("asked"), list)
    ):
        raise RefusedError("a record has a summary, and a list of what was asked for")
    where = folder / name
    try:
        where.mkdir(parents=True)
    except FileExistsError:
        raise RefusedError(f"there is a record {name} already") from None
    (where / SUMMARY).write_text(json.dumps(record["summary"], indent=1))
    (where / test.traffic.notes).write_text("".join(json.dumps(note) + "\n" for note in record["asked"]))
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            code = judged(test, client_run(test, where), where)
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError(
            f"kept, but no record that could be judged: {type(error).__name__}: {error}"
        ) from None
    return {"exit_code": int(code), "said": said.getvalue()}


def server(test: LoadTest, folder: Path, address: tuple[str, int], token: str) -> ThreadingHTTPServer:
    """The HTTP server to which generators send their records.

    Args:
        test: whose records they are.
        folder: for all of them.
        address: host and port to listen at; 0 for any port.
        token: token that a sender must know; '' for none.
    """
    one_at_a_time = Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/ready":
                self._answer(HTTPStatus.OK, {"records": sorted(path.name for path in folder.glob("*/"))})
            else:
                self._answer(HTTPStatus.NOT_FOUND, {"error": "ask for /ready"})

        def do_POST(self) -> None:
            given = self.headers.get("Authorization", "")
            if token and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
                self._answer(HTTPStatus.UNAUTHORIZED, {"error": "the token is missing, or is not ours"})
                return
            name, length = self.path.removeprefix("/records/"), int(self.headers.get("Content-Length") or 0)
            if not 0 < length <= MOST_BYTES:
                self._answer(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": f"{length} bytes are none, or too many"}
                )
                return
            try:
                record = json.loads(self.rfile.read(length))
                with one_at_a_time:  # the text is captured from the one standard output
                    found = keep(test, folder, name, record)
            except (RefusedError, ValueError) as error:
                self._answer(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": str(error)})
                return
            self._answer(HTTPStatus.CREATED, found)

        def _answer(self, status: HTTPStatus, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    folder.mkdir(parents=True, exist_ok=True)
    return ThreadingHTTPServer(address, Handler)
