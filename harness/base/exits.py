"""How a command of the house ends for whoever started it: one table for all of them."""

import enum


class Exit(enum.IntEnum):
    """Nothing but HOLDS is a pass: what was not seen, or cannot be judged, has a code of its own."""

    HOLDS = 0
    """What was asked is so."""
    VIOLATED = 1
    """It is not so: somebody has something to mend."""
    USAGE = 2
    """The command could not be meant so, or it crashed: nothing was asked."""
    UNKNOWN = 3
    """Too little was seen to decide: more would."""
    INVALID = 4
    """Nothing can be said of this run, not even how much more would decide: repeat it elsewhere."""
