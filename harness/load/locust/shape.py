"""The number of users at each moment, in Locust's form."""

import logging
import time
from typing import ClassVar

from locust import LoadTestShape

from harness.load.locust import options
from harness.load.locust.generator import Generator

log = logging.getLogger(__name__)
PREPARATION_SECONDS = 120.0
SPAWN_RATE = 100


class Shape(LoadTestShape):
    """One author for each stream and the wanted number of readers, until the end."""

    generator: ClassVar[Generator]  # given by the session
    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        """The users that Locust must run now; None at the end."""
        if not self.generator.prepare():
            log.error("there is no worker to generate load")
            return None
        chosen, longest = self.generator.chosen, self.generator.seconds
        demand = options.demand(chosen, self.generator.traffic)
        drain = demand.objectives.drain_s / chosen.speed
        passed = time.perf_counter() - self.start_time
        if passed > PREPARATION_SECONDS + longest + drain:
            log.warning("not everything has ended %g s after the last arrival; no longer waited for", drain)
            return None
        if self.generator.over:
            return None
        readers = options.readers(chosen, self.generator.traffic)
        return self.generator.streams + readers, SPAWN_RATE
