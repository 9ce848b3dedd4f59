"""Labels that distinguish our containers from others: they name the checkout, run, worker and node."""

import hashlib
import os
import uuid

from harness.base.run import ROOT

CHECKOUT = "harness.checkout"
RUN = "harness.run"
WORKER = "harness.worker"
NODE = "harness.node"
WANTED = "harness.wanted"  # a digest of all wanted properties of a container
WORKER_VARIABLE = "PYTEST_XDIST_WORKER"  # set by pytest-xdist


def checkout() -> str:
    """An id of this folder on this machine: an engine may serve several of both."""
    return hashlib.sha256(f"{uuid.getnode()}:{ROOT}".encode()).hexdigest()[:12]


def labels(run_id: str, node: str) -> dict[str, str]:
    """The labels of a container or a network of a run.

    Args:
        run_id: of the run that it must not outlive.
        node: its node in the run.
    """
    worker = os.environ.get(WORKER_VARIABLE, "master")
    return {CHECKOUT: checkout(), RUN: run_id, WORKER: worker, NODE: node}
