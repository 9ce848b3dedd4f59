"""Every queue that the program sends to has a consumer among its roles, and the other way round."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from scenarios.roadmaps.program import DECLARED_IN, roles_of

PLACE = Place(DECLARED_IN)


def _judge(subject: Subject) -> Iterator[Flaw]:
    # Imported late: it imports Celery, which takes longer than all other imports of our rules.
    from app.roadmaps.messages import CONTENT_QUEUE, LOGS_QUEUE

    sent_to = {CONTENT_QUEUE, LOGS_QUEUE}
    consumed = {queue: role for role in roles_of(subject).values() for queue in role.queues}
    for queue in sorted(sent_to - consumed.keys()):
        yield Flaw(PLACE, f"no role consumes the queue {queue}", f"give a role queues=({queue!r},)")
    for queue in sorted(consumed.keys() - sent_to):
        yield Flaw(
            PLACE,
            f"the role {consumed[queue].service_type} consumes the queue {queue}, to which nothing is sent",
            f"it must be one of {', '.join(sorted(sent_to))}",
        )
    for role in roles_of(subject).values():
        command = " ".join(role.command)
        for queue in role.queues:
            if f"-Q {queue} " not in f"{command} ":
                yield Flaw(
                    PLACE,
                    f"the command of {role.service_type} does not name its queue {queue}",
                    f"-Q {queue}",
                )


QUEUES = Rule(
    name="queues",
    states="every queue that is sent to has a consumer, and every consumer a queue that is sent to",
    why="what nobody consumes piles up in Redis, and its roadmaps stay queued",
    judge=_judge,
    of_files=True,
)
