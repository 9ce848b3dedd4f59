"""Which worker plays which stream of the arrivals: told once, when the run begins, and kept to its end."""

from collections.abc import Collection, Mapping, Sequence

PATIENCE_SECONDS = 30.0  # a worker that was silent for longer was late with its arrivals in any case

State = Mapping[str, float]


class Places:
    """Of one run, as the process knows it that leads it.

    A worker that comes later, and one that was away at the beginning, has no place and plays nothing.

    Args:
        workers: that are there as it begins; the first one plays stream 0.
    """

    def __init__(self, workers: Sequence[str]) -> None:
        self.numbers = {worker: number for number, worker in enumerate(workers)}
        self._reports: dict[str, Mapping[str, State]] = {}
        self._away: dict[str, float] = {}
        self._lost: list[str] = []

    def reported(self, worker: str, processes: Mapping[str, State]) -> None:
        """Note how far a worker is.

        Args:
            worker: that says so.
            processes: its own, by name, each with its figures.
        """
        self._reports[worker] = processes

    @property
    def done(self) -> bool:
        """Whether each stream has been played, and all that was asked for has ended."""
        return not self._undone()

    def lost(self, present: Collection[str], now: float) -> bool:
        """Whether a worker that is not done has been away for too long.

        Args:
            present: those that are heard.
            now: seconds of a clock that only goes forward.
        """
        undone = self._undone()
        self._away = {worker: self._away.get(worker, now) for worker in undone if worker not in present}
        self._lost = [worker for worker, since in self._away.items() if now - since > PATIENCE_SECONDS]
        return bool(self._lost)

    def unplayed(self) -> list[str]:
        """Because of whom the run is not whole: who was lost, or else who has not played a stream to its end."""
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
