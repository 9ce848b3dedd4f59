"""An error that is part of a scenario: who may log it, when, and how often. Without bounds it would hide every error."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

ANY = "*"  # pattern that fits any node's name


class UnboundedError(ValueError):
    """An excuse would fit any line."""


@dataclass(frozen=True, slots=True)
class Excuse:
    """One excuse.

    Args:
        pattern: a regular expression of the error.
        nodes: fnmatch patterns of the names of nodes that may log it.
        most: largest number of lines; None in old runs, which did not count them.
        least: smallest number of lines; 0 only where the product's documents say when it logs nothing.
        since: begin, in seconds since 1970; 0 for the scenario's beginning.
        until: end, in seconds since 1970; 0 for the scenario's end.
        where_hurt: whether it holds only from a fault's injection until the system has had time to recover. Then the fault counts
            as its use, because it depends on the moment which errors a role logs.

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
        """Whether it fits this error, at any time.

        Args:
            node: that logged it.
            text: of it.
        """
        return any(fnmatchcase(node, name) for name in self.nodes) and bool(re.search(self.pattern, text))

    def __str__(self) -> str:
        return f"{self.pattern!r} of {', '.join(self.nodes)}"
