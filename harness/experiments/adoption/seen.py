"""Findings about an application: what was seen, what was guessed, and what could not be seen."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Seen:
    """All findings.

    Args:
        name: of the application.
        bin: folder of its programs, from its own.
        celery: the module of its Celery application, as `celery -A` has it.
        queues: that its tasks go to.
        tasks: their names.
        scheduled: whether beat has anything to do.
        web: command of the role that listens.
        ready: a path that it answers.
        commands: other commands that were found, by the name of the role.
        migrate: command that brings the schema.
        schema: glob of the files that it follows from.
        env: variable -> template.
        databases: of Redis that are used.
        post: path that takes work.
        state: SQL for the status of one.
        guesses: what was guessed, a sentence each.
        unseen: what could not be seen, and must be added by a person.
    """

    name: str
    bin: str = ""
    celery: str = ""
    queues: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    scheduled: bool = False
    web: str = ""
    ready: str = ""
    commands: dict[str, str] = field(default_factory=dict)
    migrate: str = ""
    schema: str = ""
    env: dict[str, str] = field(default_factory=dict)
    databases: int = 1
    post: str = ""
    state: str = ""
    guesses: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
