"""The tables. Importing this package declares them all, which the migration's comparison needs."""

from app.models.base import metadata
from app.models.canaries import canaries
from app.models.events import execution_logs, outbox
from app.models.roadmaps import EARLIER, generation_steps, roadmap_requests, roadmaps
from app.models.users import users
from app.models.workers import workers

__all__ = [
    "EARLIER",
    "canaries",
    "execution_logs",
    "generation_steps",
    "metadata",
    "outbox",
    "roadmap_requests",
    "roadmaps",
    "users",
    "workers",
]
