"""Every `${{service.VARIABLE}}` leads somewhere."""

import re
from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.references import REFERENCE, SHARED, reference

NEARLY = re.compile(
    r"(?:\$\{|\$?\{\{|\$\()\s*(?P<scope>[\w .@/-]+)\.(?P<variable>[A-Za-z_]\w*)\s*(?:\}{1,2}|\))"
)


def _judge(subject: Subject) -> Iterator[Flaw]:
    for error in subject.unresolved():
        place = (
            Place(subject.declaration, name=f"{SHARED}.{error.variable}")
            if error.scope == SHARED
            else subject.place(subject.deployment.services[error.scope], error.variable)
        )
        yield Flaw(place, error.problem, "refer to a variable that exists, in its own case, without quotes")
    yield from _misspelt(subject)


def _misspelt(subject: Subject) -> Iterator[Flaw]:
    """A misspelt reference, without a brace or the dollar: Railway would pass it on as it is."""
    scopes = {*subject.deployment.services, *subject.deployment.infrastructure, SHARED}
    declared = [(SHARED, name, value) for name, value in subject.deployment.shared.items()]
    declared += [(one.name, name, value) for one in subject.services for name, value in one.variables.items()]
    for scope, variable, value in declared:
        for found in NEARLY.finditer(REFERENCE.sub("", value)):
            if found["scope"].strip() in scopes:
                place = (
                    subject.shared_place(variable)
                    if scope == SHARED
                    else subject.place(subject.deployment.services[scope], variable)
                )
                right = reference(found["scope"].strip(), found["variable"])
                yield Flaw(
                    place, f"has {found[0]}, which is no reference and stays as it is", f"write {right}"
                )


REFERENCES = Rule(
    name="references",
    states="every reference names a service and a variable that exist, none goes in a circle",
    why="Railway does not say what becomes of the others: a role would start with an empty value or with the text itself",
    judge=_judge,
)
