"""How our containers are told from everybody else's: labels that say which checkout, run, worker and node one belongs to."""

import hashlib
import os
import uuid

from harness.base.run import ROOT

CHECKOUT = "harness.checkout"
RUN = "harness.run"
WORKER = "harness.worker"
NODE = "harness.node"
WANTED = "harness.wanted"  # a digest of all that a container was asked to be
WORKER_VARIABLE = "PYTEST_XDIST_WORKER"  # set by pytest-xdist


def checkout() -> str:
    """Of this folder on this machine: an engine may serve several of both."""
    return hashlib.sha256(f"{uuid.getnode()}:{ROOT}".encode()).hexdigest()[:12]


def labels(run_id: str, node: str) -> dict[str, str]:
    """What a container or a network of a run is labelled with.

    Args:
        run_id: of the run that it must not outlive.
        node: what it is in the run.
    """
    worker = os.environ.get(WORKER_VARIABLE, "master")
    return {CHECKOUT: checkout(), RUN: run_id, WORKER: worker, NODE: node}
