"""A worker that was told to end does so in its time, whatever the link to Redis does meanwhile; one that nobody told ends as a failure.

Told means by a signal, as a platform does it. Who ends with exit code 0 counts as done, and Railway starts it no more: so whatever else
ever ends a worker must not look like that (app/core/control_door.py refuses the one order that is known).

Celery says farewell to Redis step by step, and each step of a link that does not answer takes a socket's whole time-out; a
heartbeat that it insists on takes for ever (scenarios/faults/test_broker_link.py). Nothing hangs on any of it: what a worker
holds is taken over when its lease is over.
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
_workers: list[Any] = []  # the one of this process
_told: list[bool] = []  # no lock: what adds to it may be a signal's handler


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
    timer.daemon = True  # one that ends in time does not wait for it
    timer.start()


@worker_shutdown.connect
def _judge(sender: Any, **_: Any) -> None:
    """Celery asks the worker for its exit code after this, and has written down that of the order which it has obeyed."""
    if not _told and not sender.exitcode:
        log.error("ends though no signal has told it to: somebody has to start it again")
        sender.exitcode = os.EX_UNAVAILABLE


def _end() -> None:
    log.warning("not ended %d s after the soft shutdown: ends without a farewell to Redis", FAREWELL_SECONDS)
    for child in active_children():
        child.terminate()
    os._exit(os.EX_UNAVAILABLE)
