"""Ties a run's things on the engine to its supervisor: they are recorded while it lives, and removed after its end."""

import functools
import sys

from harness.base.run import ROOT, Run
from harness.nodes.supervisor_client import SupervisorClient
from harness.substrates.engine import reaper, ryuk
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.labels import labels


class Claim:
    """A run's claim to an engine: made before its first container, given up after its last one.

    Args:
        run: whose containers are meant.
        supervisor: of the run.
    """

    def __init__(self, run: Run, supervisor: SupervisorClient) -> None:
        self.run = run
        self.supervisor = supervisor

    @classmethod
    def make(cls, run: Run, supervisor: SupervisorClient) -> "Claim":
        """Make a claim: from now on the logs of the run's containers are copied, and the containers end with its supervisor.

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
        """Remove everything of the run now."""
        reaper.remove_run(self.run.id)
        self.supervisor.finish_with([], log=self.run.log("reaper"), cwd=ROOT)


def name_of(run: Run) -> str:
    """The name of a run's network and volume."""
    return f"harness-{run.token}"


@functools.cache
def _collect_stale() -> None:
    """Done once in each process: later processes collect later leftovers."""
    reaper.collect_stale()
