"""Removes containers, networks and volumes of ended runs: only ours, by their labels.

The supervisor of a run starts it as a program when the run's owner has died, with the run's id as its argument. If the supervisor
itself was killed, the next run removes its leftovers.
"""

import sys
from collections.abc import Callable, Container, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docker.errors

from harness.base.run import alive
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.labels import CHECKOUT, RUN, checkout

POOL = 16


def remove_run(run_id: str) -> None:
    """Remove all that a run has on the engine.

    Args:
        run_id: of the run.

    Raises:
        docker.errors.DockerException: the engine refused, or is gone.
    """
    _remove(f"{RUN}={run_id}", spared=tuple)


def collect_stale() -> None:
    """Remove the leftovers of dead runs of this checkout from the engine.

    Raises:
        docker.errors.DockerException: the engine refused, or is gone.
    """
    _remove(f"{CHECKOUT}={checkout()}", spared=alive)


def _remove(label: str, spared: Callable[[], Container[str]]) -> None:
    """Remove everything with a label, except of spared runs. These are asked for after each list, because a run may begin meanwhile."""
    client = the_engine().client
    with ThreadPoolExecutor(POOL) as pool:
        containers = client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
        living = spared()
        _each(pool, (found for found in containers if found.labels[RUN] not in living), force=True, v=True)
        for kind in (client.networks, client.volumes):
            listed = kind.list(filters={"label": label})
            living = spared()
            _each(pool, (found for found in listed if found.attrs["Labels"][RUN] not in living))


def _each(pool: ThreadPoolExecutor, found: Iterable[Any], **options: bool) -> None:
    def remove(one: Any) -> None:
        try:
            one.remove(**options)
        except docker.errors.NotFound:
            pass  # another process was faster
        except docker.errors.APIError as error:
            # Another process is removing it. The status alone does not tell: a thing that is in use is a conflict, too.
            if "already in progress" not in str(error):
                raise

    list(pool.map(remove, found))


if __name__ == "__main__":
    remove_run(sys.argv[1])
