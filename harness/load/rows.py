"""The rows of the concurrency table for a verdict, from the application's declared tiers."""

from collections.abc import Mapping

from harness.application import DeclarationError, Tier, current
from harness.load.record import Row

LIMITS = ("database_pool_size", "memory_mb")


def rows_of(tiers: Mapping[str, Tier], queues: Mapping[str, tuple[str, ...]]) -> dict[str, Row]:
    """The rows of these tiers, the smallest first.

    Args:
        tiers: by name.
        queues: kind of role -> queues that it consumes.

    Raises:
        DeclarationError: a tier has no limits, so it cannot be judged.
    """
    found = {}
    lacking = [
        f"the tier {name} has no limits to be judged by: declare its {' and '.join(missing)}"
        for name, tier in tiers.items()
        if (missing := [key for key in LIMITS if getattr(tier, key) is None])
    ]
    if lacking:
        raise DeclarationError("\n".join(lacking))
    for name, tier in tiers.items():
        assert tier.database_pool_size is not None
        assert tier.memory_mb is not None
        found[name] = Row(
            processes=dict(tier.concurrency),
            queues={role: queues.get(role, ()) for role in tier.concurrency},
            pool_size=tier.database_pool_size,
            memory_mb=tier.memory_mb,
            cpus=tier.cpus,
        )
    return found


def declared_rows() -> dict[str, Row]:
    """The rows of the project's application.

    Raises:
        DeclarationError: see `rows_of`, and `harness.application.current`.
    """
    app = current()
    return rows_of(app.tiers, {role.kind: role.queues for role in app.roles.values()})
