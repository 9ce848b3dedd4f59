"""A worker that was told to end does so in its time, whatever the link to Redis does meanwhile.

Celery says farewell to Redis step by step, and each step of a link that does not answer takes a socket's whole time-out; a
heartbeat that it insists on takes for ever (scenarios/faults/test_broker_link.py). Nothing hangs on any of it: what a worker
holds is taken over when its lease is over.
"""

import logging
import os
import threading
from typing import Any

from billiard import active_children
from celery.signals import worker_shutting_down

from app.core.celery_app import settings
from app.roles import FAREWELL_SECONDS

log = logging.getLogger(__name__)


@worker_shutting_down.connect
def _limit(**_: Any) -> None:
    timer = threading.Timer(settings.celery_soft_shutdown_seconds + FAREWELL_SECONDS, _end)
    timer.daemon = True  # one that ends in time does not wait for it
    timer.start()


def _end() -> None:
    log.warning("not ended %d s after the soft shutdown: ends without a farewell to Redis", FAREWELL_SECONDS)
    for child in active_children():
        child.terminate()
    os._exit(os.EX_UNAVAILABLE)
