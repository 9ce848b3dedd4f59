"""Between SIGTERM and SIGKILL there is time to finish."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Service
from harness.deployment.program import Program, ProgramRole

GRACEFUL = "--timeout-graceful-shutdown"
MARGIN_SECONDS = 5  # to close connections, and for the signal to arrive


def stop_seconds(program: Program, role: ProgramRole, values: dict[str, str]) -> float:
    """What a role may take from SIGTERM to its end, by its own command and settings."""
    if role.queues:
        soft = float(program.value(program.soft_shutdown, values)) if program.soft_shutdown else 0.0
        return soft + program.farewell_seconds
    if GRACEFUL in role.command:
        return float(role.command[role.command.index(GRACEFUL) + 1])
    return 0.0


def needed_seconds(subject: Subject, service: Service) -> float:
    """What a service must be given between SIGTERM and SIGKILL."""
    return stop_seconds(subject.program, service.role, subject.values(service)) + MARGIN_SECONDS


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        needed = needed_seconds(subject, service)
        if service.draining_seconds < needed:
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
