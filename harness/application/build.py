"""How a deployment says which build it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """The path at which a deployment says that it runs, and of which commit it is.

    Args:
        path: that answers 200, on the role that is asked for work.
        commit: name of the commit in that answer, which is JSON; none where it does not tell.
    """

    path: str
    commit: str = ""
