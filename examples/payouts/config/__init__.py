"""Payouts that are asked for by HTTP, done by Celery, looked after by its beat; `PAYOUTS_DEFECT` names one way in which they are not."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
