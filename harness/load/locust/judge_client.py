"""The Locust process's side of its judge: see harness/load/judge_process.py, which this process must not import."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TextIO

from harness.base.exits import Exit
from harness.load.locust.traffic import Traffic
from harness.load.locust.usage import UsageError


class JudgeClient:
    """Starts the judge with the Locust process, and ends it with that.

    Args:
        traffic: which load test, and where it is declared.
        tier: row of the table.
        speed: times how much faster time passes; 0 for the default.
        seed: of the provider's latency.
        workload: its name.
        stack: whether to start a stack.

    Raises:
        UsageError: the judge could not be started.
    """

    def __init__(
        self, traffic: Traffic, tier: str, speed: float, seed: int, *, workload: str, stack: bool
    ) -> None:
        self.host, self.provider, self.speed = "", "", speed
        self._process = subprocess.Popen(
            [sys.executable, "-m", "harness.load.judge_process", traffic.judge],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=traffic.root,
            text=True,
        )
        self._tell(
            json.dumps({"tier": tier, "speed": speed, "seed": seed, "workload": workload, "stack": stack})
        )
        if stack:
            found = self._answer()
            if not found:
                raise UsageError("no stack could be started: see above, or give --host")
            where = json.loads(found)
            self.host, self.provider, self.speed = where["host"], where["provider"], where["speed"]

    def judge(self, folder: Path, out: TextIO) -> int:
        """Let it judge the record, and print the result.

        Args:
            folder: of the record.
            out: stream for its output.

        Returns:
            The verdict's exit code.
        """
        self._tell(str(folder.resolve()))
        assert self._process.stdin is not None
        self._process.stdin.close()
        while line := self._answer():
            out.write(line)
        out.flush()
        code = self._process.wait()
        return code if code in tuple(Exit) else Exit.USAGE  # a judge that was killed has judged nothing

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()
