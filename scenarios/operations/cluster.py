"""Replaces a stack's PostgreSQL by another one, as after a restore into a fresh cluster."""

from collections.abc import Iterator
from contextlib import contextmanager

from harness import System
from harness.substrates.lone_postgres import lone_postgres, programs
from scenarios.roadmaps.services import API, CONTENT, LOGS

__all__ = ["fresh_cluster", "programs"]


@contextmanager
def fresh_cluster(system: System, next_transaction: int = 0) -> Iterator[None]:
    """Start an empty database at the old one's address. The roles are killed before it ends.

    Args:
        system: its PostgreSQL has ended.
        next_transaction: see harness.substrates.lone_postgres.
    """
    with lone_postgres("restored", next_transaction=next_transaction) as server:
        system.stack.substrate.links.aim("postgres", server.target)
        yield
        for role in (API, LOGS, CONTENT):
            system.node(role).kill()
