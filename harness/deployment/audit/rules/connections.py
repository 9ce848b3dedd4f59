"""What all processes may hold fits the database, at every tier, steady and while a deploy overlaps."""

from collections.abc import Iterator

from harness.deployment.audit.rule import Flaw, Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Service, Tier

USABLE = 100 - 3  # PostgreSQL's max_connections and superuser_reserved_connections, by default
OPERATORS = 3  # psql, a backup, a migration by hand
MIGRATION = 2  # the holder of the lock, and the connection that migrates
SMALLEST_POOL = 2  # one for requests or tasks, and one for who sweeps or heartbeats beside them


def budget(services: list[Service], tier: Tier, *, overlap: bool) -> dict[str, int]:
    """Who may hold how many connections at most.

    Args:
        services: of the deployment.
        tier: of it.
        overlap: whether an old and a new deployment run at once, the new one just starting.

    Returns:
        Pools (the sweeper's connection is one of its process's), beats (one for each worker's main process), migration
        (the advisory lock's holder and the upgrade, one replica at a time), operators.
    """
    using = [service for service in services if "DATABASE_URL" in service.variables]
    processes = sum(tier.concurrency.get(service.role.service_type, 0) for service in using)
    workers = sum(bool(service.role.queues) for service in using)
    times = 2 if overlap else 1
    return {
        "pools": times * processes * tier.database_pool_size,
        "beats": times * workers,
        "migration": MIGRATION,
        "operators": OPERATORS,
    }


def _judge(subject: Subject) -> Iterator[Flaw]:
    for tier in subject.deployment.tiers.values():
        place = subject.tier_place(tier.name, "database_pool_size")
        for overlap in (False, True):
            held = budget(subject.services, tier, overlap=overlap)
            if sum(held.values()) > USABLE:
                when = "while two deployments overlap" if overlap else "steady"
                parts = " + ".join(f"{count} {who}" for who, count in held.items())
                yield Flaw(
                    place,
                    f"{tier.name}, {when}: {parts} = {sum(held.values())} connections, of {USABLE} there are",
                    "a smaller database_pool_size or fewer processes",
                )
                break
        if tier.database_pool_size < SMALLEST_POOL:
            yield Flaw(
                place,
                f"{tier.name}: a pool of {tier.database_pool_size} lets the sweeper and a request wait for each other",
                f"at least {SMALLEST_POOL}, with fewer processes",
            )


CONNECTIONS = Rule(
    name="connections",
    states="pools, beats, migration and operators fit the database's connections at every tier, also during a deploy",
    why="whoever comes when all are taken is refused: requests answer 503, workers stop telling that they live",
    judge=_judge,
)
