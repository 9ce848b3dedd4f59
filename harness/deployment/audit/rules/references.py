"""Every `${{service.VARIABLE}}` leads somewhere."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.references import SHARED


def _judge(subject: Subject) -> Iterator[Flaw]:
    for error in subject.unresolved():
        place = (
            Place(subject.declaration, name=f"{SHARED}.{error.variable}")
            if error.scope == SHARED
            else subject.place(subject.deployment.services[error.scope], error.variable)
        )
        yield Flaw(place, error.problem, "refer to a variable that exists, in its own case, without quotes")


REFERENCES = Rule(
    name="references",
    states="every reference names a service and a variable that exist, none goes in a circle",
    why="Railway does not say what becomes of the others: a role would start with an empty value or with the text itself",
    judge=_judge,
)
