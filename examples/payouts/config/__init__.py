"""An application for payouts: HTTP requests them, Celery does them, its beat sweeps. `PAYOUTS_DEFECT` may name a defect."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
