"""Which worker plays which stream of the arrivals: fixed when the run begins, until its end."""

from collections.abc import Collection, Mapping, Sequence

PATIENCE_SECONDS = 30.0  # seconds: a worker that was silent for longer was late with its arrivals in any case

State = Mapping[str, float]


class Places:
    """The places of one run, in the process that leads it.

    A worker that comes later, and one that was away at the beginning, has no place and plays nothing.

    Args:
        workers: workers that are there at the begin; the first one plays stream 0.
    """

    def __init__(self, workers: Sequence[str]) -> None:
        self.numbers = {worker: number for number, worker in enumerate(workers)}
        self._reports: dict[str, Mapping[str, State]] = {}
        self._away: dict[str, float] = {}
        self._lost: list[str] = []

    def reported(self, worker: str, processes: Mapping[str, State]) -> None:
        """Note a worker's report.

        Args:
            worker: the worker with the report.
            processes: its own, by name, each with its figures.
        """
        self._reports[worker] = processes

    @property
    def done(self) -> bool:
        """Whether each stream was played, and all jobs have ended."""
        return not self._undone()

    def lost(self, present: Collection[str], now: float) -> bool:
        """Whether an unfinished worker has been away for too long.

        Args:
            present: the connected workers.
            now: seconds of a clock that only goes forward.
        """
        undone = self._undone()
        self._away = {worker: self._away.get(worker, now) for worker in undone if worker not in present}
        self._lost = [worker for worker, since in self._away.items() if now - since > PATIENCE_SECONDS]
        return bool(self._lost)

    def unplayed(self) -> list[str]:
        """The workers that make the run incomplete: lost ones, or else those that have not played a stream to its end."""
        return [self._named(worker) for worker in self._lost or self._undone()]

    def _undone(self) -> list[str]:
        return [
            worker
            for worker in self.numbers
            if not self._figure(worker, "ended_streams") or self._figure(worker, "making")
        ]

    def _figure(self, worker: str, name: str) -> float:
        return sum(state.get(name, 0.0) for state in self._reports.get(worker, {}).values())

    def _named(self, worker: str) -> str:
        processes = ", ".join(self._reports.get(worker, {}))
        return f"{worker} ({processes})" if processes else worker
