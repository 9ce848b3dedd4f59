"""The address of a running stack for other processes: a file in its run's folder, readable by its own user only."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from harness.base import run as runs
from harness.base.run import Run
from harness.base.run_choice import NoSuchRunError, chosen
from harness.substrates.spec import StackSpec


class NoSuchStackError(Exception):
    """No running stack fits."""


@dataclass(frozen=True, slots=True)
class Address:
    """Everything that one must know of a running stack.

    Args:
        run_id: of its run.
        data: folder of its servers' data.
        spec: its specification.
        secrets: its own, by name.
        ways: addresses for people, by name.
        database_url: of PostgreSQL.
        redis_url: of Redis.
        schema: digest of its migrations; it changes whenever one of them does.
        started: when its roles were started, in seconds since 1970.
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
            run_id: id of its run, or the beginning or the end of it; may be left out where only one stack runs.

        Raises:
            NoSuchStackError: no running stack fits; lists the running ones.
        """
        ready = [name for name in runs.alive() if (runs.RUNS / name / runs.ADDRESS).exists()]
        if not ready and not run_id:
            raise NoSuchStackError("no stack is running; harness up --detach starts one")
        try:
            return cls.of(chosen(run_id, ready))
        except NoSuchRunError as error:
            raise NoSuchStackError(str(error)) from None

    @classmethod
    def of(cls, run_id: str) -> Self:
        """The address that a stack has left.

        Args:
            run_id: the whole id of its run.
        """
        return msgspec.json.decode((runs.RUNS / run_id / runs.ADDRESS).read_bytes(), type=cls)
