"""The rows of the concurrency table as a verdict needs them: what the application declares of its tiers."""

from collections.abc import Mapping

from harness.application import DeclarationError, Tier, current
from harness.load.record import Row

LIMITS = ("database_pool_size", "memory_mb")


def rows_of(tiers: Mapping[str, Tier], queues: Mapping[str, tuple[str, ...]]) -> dict[str, Row]:
    """What each tier is meant to be, the smallest first.

    Args:
        tiers: by name.
        queues: kind of role -> those that it consumes.

    Raises:
        DeclarationError: a tier has no limits, so nobody could say whether they are kept.
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
    """Those of the project's application.

    Raises:
        DeclarationError: see `rows_of`, and `harness.application.current`.
    """
    app = current()
    return rows_of(app.tiers, {role.kind: role.queues for role in app.roles.values()})
