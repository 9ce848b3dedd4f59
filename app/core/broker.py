"""Celery on Redis, set so that a lost message costs time and nothing else.

The database is the truth and a message only a hint: results are off, delays live in the database, and every value that
bounds a hang is explicit. Values and their measurements: docs/decisions/002-redis-is-a-hint.md.
"""

import logging
from typing import Any

from celery import Celery
from celery.signals import setup_logging

from app.core import transport
from app.core.logging import configure_logging
from app.core.settings import Settings
from app.roles import CELERY_LOGS, unacked_key

VISIBILITY_TIMEOUT_SECONDS = 900
RESTORE_INTERVAL_SECONDS = 120  # at most; kombu looks more often if messages come back sooner
# Beyond GENERATION_TIMEOUT_SECONDS, which ends the work from inside; these end a child that does not obey.
SOFT_LIMIT_MARGIN_SECONDS = 20
HARD_LIMIT_MARGIN_SECONDS = 80

# Both are longer than the polling interval: until it is over, silence does not mean a dead link.
SOCKET_TIMEOUT_SECONDS = 10
HEALTH_CHECK_SECONDS = 15
SILENCE_MARGIN_SECONDS = 5

_PUBLISHER_TRANSPORT = {
    "visibility_timeout": VISIBILITY_TIMEOUT_SECONDS,
    "socket_timeout": 2,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "max_retries": 1,
}


def _consumer_transport(settings: Settings) -> dict[str, object]:
    """Transport options that keep unacknowledged messages under keys of their queue, so that each queue has its own time-out."""
    polling = settings.celery_polling_interval_seconds
    silence = polling + SILENCE_MARGIN_SECONDS
    (queue,) = settings.role.queues
    visible_again = (
        settings.logs_visibility_timeout_seconds
        if settings.role is CELERY_LOGS
        else VISIBILITY_TIMEOUT_SECONDS
    )
    return {
        "visibility_timeout": visible_again,
        "unacked_key": unacked_key(queue),
        "unacked_index_key": f"{unacked_key(queue)}.index",
        "unacked_mutex_key": f"{unacked_key(queue)}.mutex",
        "socket_timeout": max(SOCKET_TIMEOUT_SECONDS, silence),
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": max(HEALTH_CHECK_SECONDS, silence),
        "unacked_restore_interval": min(visible_again, RESTORE_INTERVAL_SECONDS),
        "unacked_restore_throttle": 1,
        "polling_interval": polling,
    }


def create_celery(settings: Settings) -> Celery:
    """The Celery application of one role: a consumer where the role has queues, else a publisher."""
    role = settings.role
    transport.install()
    celery = Celery("roadmap", broker=settings.redis_url, include=list(role.task_modules))
    celery.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        result_backend=None,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_publish_retry=True,
        task_publish_retry_policy={
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0.1,
            "interval_max": 0.2,
        },
        task_soft_time_limit=settings.generation_timeout_seconds + SOFT_LIMIT_MARGIN_SECONDS,
        task_time_limit=settings.generation_timeout_seconds + HARD_LIMIT_MARGIN_SECONDS,
        visibility_timeout=VISIBILITY_TIMEOUT_SECONDS,
        broker_transport_options=_consumer_transport(settings) if role.queues else _PUBLISHER_TRANSPORT,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,  # a Redis that refuses, as after a failover, must not end a worker
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # the lease prevents a second run
        worker_soft_shutdown_timeout=settings.celery_soft_shutdown_seconds,
        worker_max_tasks_per_child=settings.celery_max_tasks_per_child or role.tasks_per_child,
        worker_max_memory_per_child=settings.celery_max_memory_per_child_kb,
        worker_consumer="app.core.consumer:Consumer",
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        # The worker always listens on its link: while every slot is busy, nothing else notices that Redis was lost.
        worker_enable_remote_control=True,
    )
    return celery


@setup_logging.connect
def _log_as_json(loglevel: str | int | None = None, **_: Any) -> None:
    """Set up logging when Celery asks for it; without a receiver Celery would write its own format to stderr."""
    configure_logging(logging.getLevelName(loglevel) if isinstance(loglevel, int) else loglevel or "info")
