"""Every value is of a kind that the program accepts."""

from collections.abc import Iterator

from pydantic import ValidationError

from app.core.settings import Settings
from harness.deployment.audit.rule import Flaw, Rule
from harness.deployment.audit.subject import Subject


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        given = {name.lower(): value for name, value in subject.values(service).items()}
        known = {name: value for name, value in given.items() if name in Settings.model_fields}
        try:
            Settings.model_validate(known)
        except ValidationError as error:
            for problem in error.errors(include_input=False):
                variable = str(problem["loc"][0]).upper()
                yield Flaw(
                    subject.place(service, variable),
                    f"is invalid: {problem['msg'].removeprefix('Value error, ')}",
                    "docs/configuration.md says what it means",
                )


VALUES = Rule(
    name="values",
    states="every value passes the program's own check of its settings",
    why="the role would end with exit code 78 at every start",
    judge=_judge,
)
