"""The error of a task that cannot be done."""


class UsageError(Exception):
    """The task cannot be done; says why."""
