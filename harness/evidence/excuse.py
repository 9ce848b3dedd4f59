"""An error that is part of a scenario: who may log it, when, and how often. What is bounded by nothing would hide everything."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

ANY = "*"  # as names of nodes have it


class UnboundedError(ValueError):
    """An excuse would take any line."""


@dataclass(frozen=True, slots=True)
class Excuse:
    """One excuse.

    Args:
        pattern: a regular expression of the error.
        nodes: patterns of the names of who may log it, as fnmatch has them.
        most: lines; None in runs that were kept before they were counted.
        least: lines; 0 only where the product itself says when it keeps silent.
        since: seconds since 1970, from when on; 0 for the scenario's beginning.
        until: likewise, until when; 0 for its end.
        where_hurt: only from a fault's injection until the system has had the time to recover from it; then the fault is what
            uses it, for which of them a role logs depends on the moment.

    Raises:
        UnboundedError: the pattern matches the empty string, so it matches whatever is logged.
    """

    pattern: str
    nodes: tuple[str, ...] = (ANY,)
    most: int | None = None
    least: int = 1
    since: float = 0.0
    until: float = 0.0
    where_hurt: bool = False

    def __post_init__(self) -> None:
        if self.most is not None and re.search(self.pattern, ""):
            raise UnboundedError(
                f"{self.pattern!r} matches the empty string, and so every line: say what is expected"
            )

    def takes(self, node: str, text: str) -> bool:
        """Whether it is about this error, whenever it was.

        Args:
            node: that logged it.
            text: of it.
        """
        return any(fnmatchcase(node, name) for name in self.nodes) and bool(re.search(self.pattern, text))

    def __str__(self) -> str:
        return f"{self.pattern!r} of {', '.join(self.nodes)}"
