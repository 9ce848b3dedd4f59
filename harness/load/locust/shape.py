"""How many users there are at each moment, in the one form that Locust asks for it."""

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
    """As many authors as there are streams and as many readers as are wanted, until all is over."""

    generator: ClassVar[Generator]  # given by the session
    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        """What Locust is to run now; None at the end."""
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
