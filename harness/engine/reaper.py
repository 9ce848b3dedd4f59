"""Removes containers, networks and volumes of runs that are over: of ours alone, by their labels.

The supervisor of a run starts it as a program when the run's owner has died, with the run's id as its argument. What even a
supervisor has left behind, because it was killed itself, is collected when the next run begins.
"""

import contextlib
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docker.errors

from harness.engine.current import the_engine
from harness.engine.labels import CHECKOUT, RUN, checkout
from harness.run import alive

POOL = 16


def remove_run(run_id: str) -> None:
    """Remove all that a run has on the engine.

    Args:
        run_id: of the run.

    Raises:
        docker.errors.DockerException: the engine refused, or is gone.
    """
    _remove(f"{RUN}={run_id}", lambda _: True)


def collect_stale() -> None:
    """Remove what dead runs of this checkout have left on the engine.

    Raises:
        docker.errors.DockerException: the engine refused, or is gone.
    """
    living = alive()
    _remove(f"{CHECKOUT}={checkout()}", lambda found: found[RUN] not in living)


def _remove(label: str, dead: Any) -> None:
    client = the_engine().client
    with ThreadPoolExecutor(POOL) as pool:
        containers = client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
        _each(pool, (found for found in containers if dead(found.labels)), force=True, v=True)
        networks = client.networks.list(filters={"label": label})
        _each(pool, (found for found in networks if dead(found.attrs["Labels"])))
        volumes = client.volumes.list(filters={"label": label})
        _each(pool, (found for found in volumes if dead(found.attrs["Labels"])))


def _each(pool: ThreadPoolExecutor, found: Iterable[Any], **options: bool) -> None:
    def remove(one: Any) -> None:
        with contextlib.suppress(docker.errors.NotFound):  # somebody else was faster
            one.remove(**options)

    list(pool.map(remove, found))


if __name__ == "__main__":
    remove_run(sys.argv[1])
