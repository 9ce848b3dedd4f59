"""The finding of a rule: where something is wrong, what it is, and what to do about it."""

import enum
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """An error ends the audit with exit code 1; a warning does not, and a note is nothing to be mended. The worst comes first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a flaw.

    Args:
        file: path from the repository's root.
        line: counted from 1; 0 for the whole file.
        name: of the thing in it, such as `shop-api.PORT`.
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
