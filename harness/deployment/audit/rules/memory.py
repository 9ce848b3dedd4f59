"""The largest size of a service's processes fits the plan of its tier."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.declaration import Service

KB = 1024


def _most(subject: Subject, service: Service, processes: int) -> float:
    """Megabytes that a service may use; a worker's child is replaced when it has grown beyond its limit."""
    program = subject.program
    if not (service.role.queues and program.child_kb):
        return (processes + 1) * program.process_mb
    return processes * (subject.number(service, program.child_kb) or 0) / KB + program.process_mb


def _judge(subject: Subject) -> Iterator[Flaw]:
    program = subject.program
    children = f", a smaller {program.child_kb}" if program.child_kb else ""
    for tier in subject.deployment.tiers.values():
        for service in subject.services:
            processes = tier.concurrency.get(service.kind)
            if processes is None or tier.memory_mb is None:  # the loader demands memory_mb
                continue
            most = _most(subject, service, processes)
            if most > tier.memory_mb:
                yield Flaw(
                    subject.tier_place(tier.name, "memory_mb"),
                    f"{service.name} may use {most:.0f} MB with {processes} processes, {tier.name} has {tier.memory_mb}",
                    f"fewer processes{children}, or a larger plan",
                )


MEMORY = Rule(
    name="memory",
    states="the processes of every service fit the memory of its tier, at the most that they may grow to",
    why="Railway ends a container that outgrows its memory, with all that it is working on",
    judge=_judge,
)
