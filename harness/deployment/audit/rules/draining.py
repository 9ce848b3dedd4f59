"""Between SIGTERM and SIGKILL there is time to finish."""

from collections.abc import Iterator

from app.core.settings import Settings
from app.roles import FAREWELL_SECONDS, Role
from harness.deployment.audit.rule import Flaw, Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Service

GRACEFUL = "--timeout-graceful-shutdown"
MARGIN_SECONDS = 5  # to close connections, and for the signal to arrive


def stop_seconds(role: Role, values: dict[str, str]) -> float:
    """What a role may take from SIGTERM to its end, by its own command and settings."""
    if role.queues:
        name = "celery_soft_shutdown_seconds"
        soft = float(values.get(name.upper(), Settings.model_fields[name].default))
        return soft + FAREWELL_SECONDS
    if GRACEFUL in role.command:
        return float(role.command[role.command.index(GRACEFUL) + 1])
    return 0.0


def needed_seconds(subject: Subject, service: Service) -> float:
    """What a service must be given between SIGTERM and SIGKILL."""
    return stop_seconds(service.role, subject.values(service)) + MARGIN_SECONDS


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        needed = needed_seconds(subject, service)
        if service.draining_seconds < needed:
            yield Flaw(
                subject.place(service, "draining_seconds"),
                f"is {service.draining_seconds}, but {service.role.service_type} may need {needed:g} s to stop",
                f"draining_seconds = {needed:g} or more",
            )


DRAINING = Rule(
    name="draining",
    states="every service drains longer than its program takes to stop",
    why="Railway kills after 0 s unless told otherwise: requests would break off, and roadmaps wait for their lease to end",
    judge=_judge,
)
