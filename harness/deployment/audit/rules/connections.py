"""The connections of all processes fit the database, at every tier, also while two deployments overlap."""

from collections.abc import Iterator

from harness.application import Tier
from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Deployment

USABLE = 100 - 3  # PostgreSQL's max_connections and superuser_reserved_connections, by default
OPERATORS = 3  # connections for psql, a backup, a migration by hand


def budget(deployment: Deployment, tier: Tier, *, overlap: bool) -> dict[str, int]:
    """The largest number of connections for each kind of holder.

    Args:
        deployment: with its services.
        tier: of it.
        overlap: whether an old and a new deployment run at once, the new one just starting.

    Returns:
        Pools, the connections of workers outside the pools (beats), migration (one replica at a time), operators.
    """
    program = deployment.program
    using = [service for service in deployment.services.values() if program.database in service.variables]
    processes = sum(service.replicas * tier.concurrency.get(service.kind, 0) for service in using)
    workers = sum(service.replicas for service in using if service.role.queues)
    times = 2 if overlap else 1
    return {
        "pools": times * processes * (tier.database_pool_size or 0),
        "beats": times * workers * program.beats,
        "migration": program.migration,
        "operators": OPERATORS,
    }


def _judge(subject: Subject) -> Iterator[Flaw]:
    for tier in subject.deployment.tiers.values():
        if tier.database_pool_size is None:  # the loader demands it for every program with a database
            continue
        place = subject.tier_place(tier.name, "database_pool_size")
        for overlap in (False, True):
            held = budget(subject.deployment, tier, overlap=overlap)
            if sum(held.values()) > USABLE:
                when = "while two deployments overlap" if overlap else "steady"
                parts = " + ".join(f"{count} {who}" for who, count in held.items())
                yield Flaw(
                    place,
                    f"{tier.name}, {when}: {parts} = {sum(held.values())} connections, of {USABLE} there are",
                    "a smaller database_pool_size or fewer processes",
                )
                break
        smallest = subject.program.smallest_pool
        if tier.database_pool_size < smallest:
            yield Flaw(
                place,
                f"{tier.name}: a pool of {tier.database_pool_size} lets a request and what runs beside it wait for each other",
                f"at least {smallest}, with fewer processes",
            )


CONNECTIONS = Rule(
    name="connections",
    states="pools, beats, migration and operators fit the database's connections at every tier, also during a deploy",
    why="whoever comes when all are taken is refused: requests answer 503, workers stop telling that they live",
    judge=_judge,
)
