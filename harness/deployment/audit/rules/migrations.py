"""Only the API migrates; whoever else uses the tables waits for it."""

from collections.abc import Iterator

from harness.deployment.audit.rule import Flaw, Place, Rule
from harness.deployment.audit.subject import Subject

PLACE = Place("app/roles.py")


def _judge(subject: Subject) -> Iterator[Flaw]:
    migrating = [role.service_type for role in subject.roles.values() if role.migrates]
    if migrating != ["api"]:
        yield Flaw(
            PLACE,
            f"the roles that migrate are: {', '.join(migrating) or 'none'}",
            "migrates=True for the API alone",
        )
    for role in subject.roles.values():
        if "DATABASE_URL" in role.requires and not (role.migrates or role.awaits_schema):
            yield Flaw(
                PLACE,
                f"{role.service_type} uses the database, and neither migrates it nor waits until somebody has",
                "awaits_schema=True",
            )


MIGRATIONS = Rule(
    name="migrations",
    states="the API alone migrates the database, and every other role that uses it waits for the schema",
    why="every push deploys each service by itself: a worker may well meet a database without tables",
    judge=_judge,
)
