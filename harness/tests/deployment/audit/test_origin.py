"""What is wrong with a value is told of the variable that has it."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from harness.deployment.audit.rules.origin import by_origin


@dataclass
class Leading:
    """A subject whose variables lead to others."""

    to: dict
    services: list = field(default_factory=list)

    def __post_init__(self):
        names = {name for name, _ in self.to}
        self.services = [
            SimpleNamespace(name=name, variables={variable: "" for own, variable in self.to if own == name})
            for name in sorted(names)
        ]

    def leads_to(self, scope, variable):
        return self.to.get((scope, variable))


WEB, PACKER = ("web", "URL"), ("packer", "URL")


@pytest.mark.parametrize(
    ("to", "told", "found"),
    [
        ({WEB: PACKER, PACKER: None}, {WEB: "bad", PACKER: "bad"}, {PACKER: "bad"}),
        ({WEB: PACKER, PACKER: None}, {WEB: "bad"}, {WEB: "bad"}),
        ({WEB: PACKER, PACKER: WEB}, {WEB: "bad", PACKER: "bad"}, {WEB: "bad", PACKER: "bad"}),
        ({WEB: WEB}, {WEB: "bad"}, {WEB: "bad"}),
    ],
)
def test_it_follows_references_and_ends_in_a_circle(to, told, found):
    assert by_origin(Leading(to), told) == found
