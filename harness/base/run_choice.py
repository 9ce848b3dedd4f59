"""Finds the run that a person means, by its id or by a part of it that fits no other run."""

from collections.abc import Iterable


class NoSuchRunError(Exception):
    """No run fits, or more than one; lists the runs that there are."""


def chosen(wanted: str, runs: Iterable[str], *, what: str = "running") -> str:
    """The id of the run that is meant.

    Args:
        wanted: its id, or the beginning or the end of it; empty where there is only one run.
        runs: the ids of all runs.
        what: word for the state of these runs in messages, such as `running`.

    Raises:
        NoSuchRunError: no run fits, or more than one.
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
