"""How a stack that runs is reached by somebody who did not start it: a file in its run's folder, for its own user only."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from harness.base import run as runs
from harness.base.run import Run
from harness.substrates.spec import StackSpec


class NoSuchStackError(Exception):
    """No stack runs that could be meant."""


@dataclass(frozen=True, slots=True)
class Address:
    """Everything one has to know of a running stack.

    Args:
        run_id: of its run.
        data: folder of its servers' data.
        spec: what it is.
        secrets: its own, by name.
        ways: how people reach it: name -> address.
        database_url: of PostgreSQL.
        redis_url: of Redis.
        schema: of its migrations; changes whenever one of them does.
        started: when its roles were, seconds since 1970.
    """

    run_id: str
    data: str
    spec: StackSpec
    secrets: dict[str, str]
    ways: dict[str, str]
    database_url: str
    redis_url: str
    schema: str
    started: float

    @property
    def run(self) -> Run:
        """Its folders."""
        return Run(self.run_id, runs.RUNS / self.run_id, Path(self.data))

    def write(self) -> None:
        """Leave it in the run's folder."""
        path = self.run.folder / runs.ADDRESS
        path.touch(mode=0o600)
        path.write_bytes(msgspec.json.encode(self))

    @classmethod
    def find(cls, run_id: str = "") -> Self:
        """The address of a stack that runs.

        Args:
            run_id: of its run; may be left out where only one stack runs.

        Raises:
            NoSuchStackError: none runs that could be meant; lists those that do.
        """
        ready = sorted(name for name in runs.alive() if (runs.RUNS / name / runs.ADDRESS).exists())
        listed = ", ".join(ready) or "none"
        if run_id and run_id not in ready:
            raise NoSuchStackError(f"no stack of the run {run_id!r} is running; running: {listed}")
        if not ready:
            raise NoSuchStackError("no stack is running; harness up --detach starts one")
        if not run_id and len(ready) > 1:
            raise NoSuchStackError(f"several stacks are running, choose one with --run: {listed}")
        return msgspec.json.decode((runs.RUNS / (run_id or ready[0]) / runs.ADDRESS).read_bytes(), type=cls)
