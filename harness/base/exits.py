"""How a run ends for whoever started it."""

import enum


class Exit(enum.IntEnum):
    """Exit codes of every command here; an invalid run is neither a pass nor a failure."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    INCONCLUSIVE = 3
    INVALID = 4
