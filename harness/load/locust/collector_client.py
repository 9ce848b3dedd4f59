"""The Locust process's side of a collector, which keeps and judges the record where this process's own disk is gone with its pod."""

import json
import os
from pathlib import Path
from typing import TextIO
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from harness.base.exits import Exit
from harness.load.locust.recorder import SUMMARY
from harness.load.locust.usage import UsageError

TOKEN = "LOADTEST_COLLECTOR_TOKEN"  # noqa: S105 - the name of a variable
SECONDS = 300.0
DIRECT = build_opener(ProxyHandler({}))


class CollectorClient:
    """Asks whether the collector is there before a load begins, and sends it the record at the end.

    Args:
        url: of it.
        notes: name of the file with a line for each request for work.

    Raises:
        UsageError: it does not answer; nothing has been asked for yet.
    """

    def __init__(self, url: str, notes: str) -> None:
        self._url, self._notes = url.rstrip("/"), notes
        try:
            self._send("GET", "/ready")
        except OSError as error:
            raise UsageError(f"no collector answers at {self._url}: {error}") from None

    def judge(self, folder: Path, out: TextIO) -> int:
        """Send the record, and print the collector's answer.

        Args:
            folder: of the record.
            out: for what the collector says.

        Returns:
            The verdict's exit code; that of a crash where nothing was judged.
        """
        record = {
            "summary": json.loads((folder / SUMMARY).read_text()),
            "asked": [json.loads(line) for line in (folder / self._notes).read_text().splitlines()],
        }
        try:
            answer = self._send("POST", f"/records/{folder.name}", json.dumps(record).encode())
        except HTTPError as error:
            out.write(f"the collector has not judged: {error.code} {error.read().decode(errors='replace')}\n")
            return Exit.USAGE
        except OSError as error:
            out.write(f"the collector has not judged: {error}\n")
            return Exit.USAGE
        out.write(str(answer["said"]))
        return next((code for code in Exit if code == answer["exit_code"]), Exit.USAGE)

    def _send(self, method: str, path: str, body: bytes | None = None) -> dict[str, object]:
        token = os.environ.get(TOKEN)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = Request(f"{self._url}{path}", body, headers, method=method)  # noqa: S310 - a person gave it
        with DIRECT.open(request, timeout=SECONDS) as answer:
            found: dict[str, object] = json.load(answer)
            return found
