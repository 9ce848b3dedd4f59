"""What a run has on the engine ends with the run's supervisor, however that comes about, and is written down meanwhile."""

import functools
import sys

from harness.base.run import ROOT, Run
from harness.nodes.supervisor_client import SupervisorClient
from harness.substrates.engine import reaper, ryuk
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.labels import labels


class Claim:
    """A run's claim to an engine: made before its first container, given up after its last.

    Args:
        run: whose containers are meant.
        supervisor: of the run.
    """

    def __init__(self, run: Run, supervisor: SupervisorClient) -> None:
        self.run = run
        self.supervisor = supervisor

    @classmethod
    def make(cls, run: Run, supervisor: SupervisorClient) -> "Claim":
        """From now on the containers of the run are followed, and die with its supervisor.

        Args:
            run: whose containers are meant.
            supervisor: of the run.
        """
        _collect_stale()
        ryuk.start()
        supervisor.finish_with(
            [sys.executable, "-m", "harness.substrates.engine.reaper", run.id],
            log=run.log("reaper"),
            cwd=ROOT,
        )
        supervisor.spawn(
            "follower",
            [sys.executable, "-m", "harness.substrates.engine.follower", run.id, run.folder / "logs"],
            log=run.log("follower"),
            cwd=ROOT,
        )
        return cls(run, supervisor)

    def network(self) -> str:
        """A network of the run's own; its name."""
        name = name_of(self.run)
        the_engine().client.networks.create(name, labels=labels(self.run.id, "network"))
        return name

    def volume(self) -> str:
        """A volume of the run's own; its name."""
        name = name_of(self.run)
        the_engine().client.volumes.create(name, labels=labels(self.run.id, "volume"))
        return name

    def give_up(self) -> None:
        """Remove all of it now."""
        reaper.remove_run(self.run.id)
        self.supervisor.finish_with([], log=self.run.log("reaper"), cwd=ROOT)


def name_of(run: Run) -> str:
    """What a run's network and volume are called."""
    return f"harness-{run.token}"


@functools.cache
def _collect_stale() -> None:
    """Once a process: what is stale later is collected by who comes later."""
    reaper.collect_stale()
