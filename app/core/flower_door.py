"""Puts Flower's metrics page behind the password: Flower shows it to everybody, with the names and times of workers and tasks."""

from flower.views.monitor import Metrics
from tornado.web import authenticated


def close() -> None:
    """Let the metrics page ask for the same login as every other page."""
    Metrics.get = authenticated(Metrics.get)
