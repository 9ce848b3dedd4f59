"""What was asked for and cannot be done."""


class UsageError(Exception):
    """What was asked for cannot be done; says why."""
