"""The settings from the environment."""

import os
from urllib.parse import urlsplit

from config.defects import DEFECTS

DEFECT = os.environ.get("PAYOUTS_DEFECT", "")
if DEFECT and DEFECT not in DEFECTS:
    raise SystemExit(f"PAYOUTS_DEFECT={DEFECT!r} is none of {', '.join(DEFECTS)}")

SECRET_KEY = os.environ.get("SECRET_KEY", "not-in-production")
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["payouts"]
ROOT_URLCONF = "config.urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_database = urlsplit(os.environ.get("DATABASE_URL", ""))
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _database.hostname or "",
        "PORT": _database.port or "",
        "USER": _database.username or "",
        "PASSWORD": _database.password or "",
        "NAME": _database.path.lstrip("/"),
        "CONN_MAX_AGE": 0,
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"payouts": {"handlers": ["console"], "level": "INFO"}},
}

BANK_URL = os.environ.get("BANK_URL", "")
EVERY_SECONDS = 1.0  # for both lines of the schedule
CELERY_BROKER_URL = os.environ.get("REDIS_URL", "")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_max": 0.1,
}
CELERY_BEAT_SCHEDULE = {
    name: {
        "task": f"payouts.tasks.{name}",
        "schedule": EVERY_SECONDS,
        "options": {"expires": 5 * EVERY_SECONDS},
    }
    for name in ("sweep", "state")
}
