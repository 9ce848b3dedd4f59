"""Which run a person means: by its id, or by as much of it as tells it from the others."""

from collections.abc import Iterable


class NoSuchRunError(Exception):
    """None could be meant, or more than one; lists those there are."""


def chosen(wanted: str, runs: Iterable[str], *, what: str = "running") -> str:
    """The id of the run that is meant.

    Args:
        wanted: its id, or the beginning or the end of it; empty for the only one that there is.
        runs: the ids of those that there are.
        what: they are, as a sentence says it.

    Raises:
        NoSuchRunError: there is none like that, or more than one.
    """
    there = sorted(runs)
    listed = ", ".join(there) or "none"
    if wanted in there:
        return wanted
    found = [run for run in there if run.startswith(wanted) or run.endswith(wanted)]
    if len(found) == 1:
        return found[0]
    if not wanted:
        raise NoSuchRunError(
            f"several stacks are {what}, choose one of: {listed}" if there else f"no stack is {what}"
        )
    if found:
        raise NoSuchRunError(f"{wanted!r} may be any of: {', '.join(found)}")
    raise NoSuchRunError(f"no stack of the run {wanted!r} is {what}; {what}: {listed}")
