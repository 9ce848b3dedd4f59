"""The tables. Importing this package declares them all, which the migration's comparison needs."""

from app.models.base import metadata
from app.models.canaries import canaries
from app.models.events import execution_logs, outbox
from app.models.logins import login_addresses
from app.models.one_time_tokens import one_time_tokens
from app.models.roadmaps import generation_steps, roadmap_requests, roadmaps
from app.models.sessions import ended_sessions, refresh_tokens
from app.models.spending import provider_spending
from app.models.users import users
from app.models.workers import workers

__all__ = [
    "canaries",
    "ended_sessions",
    "execution_logs",
    "generation_steps",
    "login_addresses",
    "metadata",
    "one_time_tokens",
    "outbox",
    "provider_spending",
    "refresh_tokens",
    "roadmap_requests",
    "roadmaps",
    "users",
    "workers",
]
