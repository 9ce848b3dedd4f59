"""The application that `celery -A app.core.celery_app` finds, and its settings.

The settings are read once, before the fork: Celery overwrites CELERY_LOG_LEVEL with a number for its children.
"""

import logging

from app.core.broker import create_celery
from app.core.logging import configure_logging
from app.core.redis_trouble import Explanation
from app.core.settings import load_settings
from app.roles import FLOWER

settings = load_settings()
configure_logging(settings.celery_log_level)  # before Celery logs anything
logging.getLogger("celery.worker.consumer.consumer").addFilter(Explanation())
if settings.role is FLOWER:
    from app.core import flower_door

    flower_door.close()
if settings.role.queues:
    from app.core import control_door

    control_door.close()
celery_app = create_celery(settings)
