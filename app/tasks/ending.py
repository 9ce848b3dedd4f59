"""Lets a worker that was told to end do so in time, whatever its link to Redis does; any other end counts as a failure.

A platform tells it by a signal. A program that exits 0 counts as done, and Railway does not start it again: so no other end may exit 0
(app/core/control_door.py refuses the one command that is known to cause it).

Celery disconnects from Redis in several steps, and each step on a link that does not answer takes a socket's whole time-out; a
heartbeat that it insists on never returns (scenarios/faults/test_broker_link.py). None of these steps is needed: another worker takes
over a worker's roadmaps when their leases have run out.
"""

import logging
import os
import threading
from typing import Any

from billiard import active_children
from celery.signals import celeryd_init, worker_shutdown, worker_shutting_down

from app.core.celery_app import settings
from app.roles import FAREWELL_SECONDS

log = logging.getLogger(__name__)
_workers: list[Any] = []  # at most the one of this process
_told: list[bool] = []  # without a lock: a signal handler may add to it


@celeryd_init.connect
def _begin(instance: Any, **_: Any) -> None:
    instance.exitcode = os.EX_UNAVAILABLE  # until it is told
    _workers.append(instance)


@worker_shutting_down.connect
def _limit(**_: Any) -> None:
    _told.append(True)
    for worker in _workers:
        worker.exitcode = os.EX_OK
    timer = threading.Timer(settings.celery_soft_shutdown_seconds + FAREWELL_SECONDS, _end)
    timer.daemon = True  # a worker that ends in time does not wait for it
    timer.start()


@worker_shutdown.connect
def _judge(sender: Any, **_: Any) -> None:
    """Correct the exit code: Celery reads it after this signal, and has already set that of the command that ended the worker."""
    if not _told and not sender.exitcode:
        log.error("ends though no signal has told it to: somebody has to start it again")
        sender.exitcode = os.EX_UNAVAILABLE


def _end() -> None:
    log.warning("not ended %d s after the soft shutdown: ends without a farewell to Redis", FAREWELL_SECONDS)
    for child in active_children():
        child.terminate()
    os._exit(os.EX_UNAVAILABLE)
