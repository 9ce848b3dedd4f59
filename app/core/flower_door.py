"""Flower's page of figures, which it shows to everybody, password or not: it names the workers, the tasks and their times."""

from flower.views.monitor import Metrics
from tornado.web import authenticated


def close() -> None:
    """Let the figures want what every other page does."""
    Metrics.get = authenticated(Metrics.get)
