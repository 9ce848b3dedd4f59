"""Every queue that the program sends to has a consumer among its roles, and the other way round."""

from collections.abc import Iterator

from app.roadmaps.messages import CONTENT_QUEUE, LOGS_QUEUE
from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from scenarios.roadmaps.program import DECLARED_IN, roles_of

SENT_TO = {CONTENT_QUEUE, LOGS_QUEUE}
PLACE = Place(DECLARED_IN)


def _judge(subject: Subject) -> Iterator[Flaw]:
    consumed = {queue: role for role in roles_of(subject).values() for queue in role.queues}
    for queue in sorted(SENT_TO - consumed.keys()):
        yield Flaw(PLACE, f"no role consumes the queue {queue}", f"give a role queues=({queue!r},)")
    for queue in sorted(consumed.keys() - SENT_TO):
        yield Flaw(
            PLACE,
            f"the role {consumed[queue].service_type} consumes the queue {queue}, to which nothing is sent",
            f"it must be one of {', '.join(sorted(SENT_TO))}",
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
)
