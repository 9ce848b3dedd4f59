"""The rows of the concurrency table as a verdict needs them, from what is deployed."""

from app.roles import ROLES
from harness.deployment.declaration import Deployment
from harness.load.record import Row


def row(tier: str) -> Row:
    """What a tier is meant to be."""
    found = Deployment.load().tiers[tier]
    return Row(
        processes=dict(found.concurrency),
        queues={role: ROLES[role].queues for role in found.concurrency},
        pool_size=found.database_pool_size,
        memory_mb=found.memory_mb,
        cpus=found.cpus,
    )
