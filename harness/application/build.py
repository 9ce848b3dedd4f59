"""How a deployment says which build it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """Where a deployment says that it is there, and which commit it is of.

    Args:
        path: that answers 200, on the role that is asked for work.
        commit: name of the commit in that answer, which is JSON; none where it does not tell.
    """

    path: str
    commit: str = ""
