"""Only one role migrates; every other role that uses the tables waits for it."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject


def _judge(subject: Subject) -> Iterator[Flaw]:
    program = subject.program
    place = Place(program.declared_in)
    migrating = [kind for kind, role in program.roles.items() if role.migrates]
    if migrating != [program.asked]:
        yield Flaw(
            place,
            f"the roles that migrate are: {', '.join(migrating) or 'none'}",
            f"migrates=True for {program.asked} alone",
        )
    for kind, role in program.roles.items():
        if program.database in role.requires and not (role.migrates or role.awaits_schema):
            yield Flaw(
                place,
                f"{kind} uses the database, and neither migrates it nor waits until somebody has",
                "awaits_schema=True",
            )


MIGRATIONS = Rule(
    name="migrations",
    states="the role that is asked alone migrates the database, and every other one that uses it waits for the schema",
    why="every push deploys each service by itself: a worker may well meet a database without tables",
    judge=_judge,
    of_files=True,
)
