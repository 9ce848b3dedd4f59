"""What an audit says: where something is wrong, what, why it matters, and what to do."""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.deployment.audit.subject import Subject


class Severity(enum.StrEnum):
    """An error ends the audit with exit code 1; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """Where.

    Args:
        file: path from the repository's root.
        line: counted from 1; 0 for the whole file.
        name: of the thing in it, such as `roadmap-api.PORT`.
    """

    file: str
    line: int = 0
    name: str = ""

    def __str__(self) -> str:
        at = f"{self.file}:{self.line}" if self.line else self.file
        return f"{at} {self.name}".rstrip()


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that breaks a rule.

    Args:
        place: where.
        what: is wrong, with the value.
        fix: what to do about it.
        severity: of it.
    """

    place: Place
    what: str
    fix: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that must hold of a deployment.

    Args:
        name: as reports and documents cite it.
        states: what holds where it finds nothing.
        why: it matters.
        judge: finds what breaks it.
        compares: whether it holds something else up to the declaration, and so has nothing to say while that is wrong.
    """

    name: str
    states: str
    why: str
    judge: "Callable[[Subject], Iterable[Flaw]]"
    compares: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A flaw and the rule that it breaks."""

    rule: Rule
    flaw: Flaw
