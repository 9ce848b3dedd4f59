"""What the processes of a service may grow to fits the plan under its tier."""

from collections.abc import Iterator

from app.core.settings import Settings
from harness.deployment.audit.rule import Flaw, Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Service

# Measured: a process with the program's libraries has 60 MB resident, 78 with the OpenAI SDK.
PROCESS_MB = 80
KB = 1024


def _most(service: Service, processes: int, values: dict[str, str]) -> float:
    """Megabytes that a service may use: a child of a worker is replaced when it has grown beyond its limit."""
    if not service.role.queues:
        return (processes + 1) * PROCESS_MB
    name = "celery_max_memory_per_child_kb"
    child = int(values.get(name.upper(), Settings.model_fields[name].default)) / KB
    return processes * child + PROCESS_MB


def _judge(subject: Subject) -> Iterator[Flaw]:
    for tier in subject.deployment.tiers.values():
        for service in subject.services:
            processes = tier.concurrency.get(service.role.service_type)
            if processes is None:
                continue
            most = _most(service, processes, subject.values(service))
            if most > tier.memory_mb:
                yield Flaw(
                    subject.tier_place(tier.name, "memory_mb"),
                    f"{service.name} may use {most:.0f} MB with {processes} processes, {tier.name} has {tier.memory_mb}",
                    "fewer processes, a smaller CELERY_MAX_MEMORY_PER_CHILD_KB, or a larger plan",
                )


MEMORY = Rule(
    name="memory",
    states="the processes of every service fit the memory of its tier, at the most that they may grow to",
    why="Railway ends a container that outgrows its memory, with all that it is working on",
    judge=_judge,
)
