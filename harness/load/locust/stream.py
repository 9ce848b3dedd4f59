"""What the users of one generator process share: the schedule, the accounts, the notes."""

import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from harness.load.locust.profiles import Arrival, Phase, arrivals
from harness.load.locust.recorder import Recorder

QUOTA = 15  # roadmaps in the making of one account; the service refuses the 21st by default
FIRST_LOOK_SECONDS, LAST_LOOK_SECONDS, LOOKS_SLOW_DOWN = 1.0, 5.0, 1.5
LEAST_LOOK_SECONDS = 0.5


@dataclass(slots=True)
class Account:
    """Somebody who is signed in.

    Args:
        token: sent as bearer token.
        making: roadmaps in the making.
        made: ids of those that have ended.
    """

    token: str
    making: int = 0
    made: list[str] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class SignsUp(Protocol):
    """Whoever can make a new account."""

    def sign_up(self) -> Account: ...


class Load:
    """One process's part of a run.

    Args:
        phases: of the whole run.
        seed: of all arrivals.
        streams: by which the arrivals come, over all processes.
        process: number of this process, from 0.
        speed: how many times faster than in the world time passes.
    """

    def __init__(
        self, phases: Sequence[Phase], *, seed: int, streams: int = 1, process: int = 0, speed: float = 1.0
    ) -> None:
        self.phases = [
            Phase(
                name=phase.name,
                seconds=phase.seconds / speed,
                per_second=phase.per_second * speed,
                at_once=phase.at_once,
            )
            for phase in phases
        ]
        self.recorder = Recorder()
        self.speed = speed
        self.began: float | None = None
        self.making = 0
        self.ended_streams = 0
        self.refused = 0
        self._accounts: list[Account] = []
        self._seed = seed
        self._streams = streams
        self._stream = process

    @property
    def seconds(self) -> float:
        """How long arrivals come."""
        return sum(phase.seconds for phase in self.phases)

    @property
    def planned(self) -> Counter[str]:
        """Arrivals of this process's stream, exactly, by phase."""
        return Counter(arrival.phase for arrival in self._arrivals(self._stream))

    @property
    def accounts_needed(self) -> int:
        """Signed up before the first arrival: later it would make the generator late."""
        expected = sum(phase.arrivals for phase in self.phases) / self._streams
        return min(max(round(expected / QUOTA) + 1, 4), 40)

    def schedule(self) -> Iterator[Arrival]:
        """The stream of this process; the run begins with it."""
        self.began = time.time()
        self.recorder.measured_from_now()
        return self._arrivals(self._stream)

    @property
    def phase(self) -> str:
        """The one that the clock is in."""
        if self.began is None:
            return "preparation"
        passed = time.time() - self.began
        for phase in self.phases:
            passed -= phase.seconds
            if passed < 0:
                return phase.name
        return "drain"

    def prepare(self, user: SignsUp) -> None:
        """Sign up whom the run needs."""
        while len(self._accounts) < self.accounts_needed:
            self._accounts.append(user.sign_up())

    def account(self, user: SignsUp) -> Account:
        """The one with the least in the making; a new one where all have too much."""
        best = min(self._accounts, key=lambda account: account.making, default=None)
        if best is None or best.making >= QUOTA:
            best = user.sign_up()
            self._accounts.append(best)
        return best

    def _arrivals(self, stream: int) -> Iterator[Arrival]:
        return arrivals(self.phases, seed=self._seed, stream=stream % self._streams, streams=self._streams)

    def looks(self) -> Iterator[float]:
        """Pauses between two looks at a roadmap's status: soon at first, then ever more patient."""
        pause = FIRST_LOOK_SECONDS
        while True:
            yield max(pause / self.speed, LEAST_LOOK_SECONDS)
            pause = min(pause * LOOKS_SLOW_DOWN, LAST_LOOK_SECONDS)


def credentials() -> dict[str, str]:
    """Of somebody new."""
    name = f"load-{secrets.token_hex(6)}"
    return {"email": f"{name}@example.com", "username": name, "password": secrets.token_urlsafe(16)}
