"""Between SIGTERM and SIGKILL there is time to finish."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Service

GRACEFUL = "--timeout-graceful-shutdown"
MARGIN_SECONDS = 5  # time to close connections, and for the signal to arrive


def needed_seconds(subject: Subject, service: Service) -> float | None:
    """The seconds that a service needs between SIGTERM and SIGKILL, by its own command and settings; None where these are wrong."""
    program, role = subject.program, service.role
    if role.queues:
        soft = subject.number(service, program.soft_shutdown) if program.soft_shutdown else 0.0
        return None if soft is None else soft + program.farewell_seconds + MARGIN_SECONDS
    if GRACEFUL in role.command:
        return float(role.command[role.command.index(GRACEFUL) + 1]) + MARGIN_SECONDS
    return MARGIN_SECONDS


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        needed = needed_seconds(subject, service)
        if needed is not None and service.draining_seconds < needed:
            yield Flaw(
                subject.place(service, "draining_seconds"),
                f"is {service.draining_seconds}, but {service.kind} may need {needed:g} s to stop",
                f"draining_seconds = {needed:g} or more",
            )


DRAINING = Rule(
    name="draining",
    states="every service drains longer than its program takes to stop",
    why="Railway kills after 0 s unless told otherwise: requests would break off, and work waits for its lease to end",
    judge=_judge,
)
