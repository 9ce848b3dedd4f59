"""How a command of the house ends for whoever started it: one table for all of them."""

import enum
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

BY_SIGNAL = 128  # and its number: what a shell says of who was ended by one


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


def ended(command: Callable[[], int | None], *mistakes: type[Exception]) -> NoReturn:
    """Run a command and end this process as the table says, also where it crashes: Python itself would say 1, which is a verdict.

    Args:
        command: answers its exit code, or None where it ends by itself if it does not hold.
        mistakes: errors that are the user's: they are told in one sentence, all others with where they come from.
    """
    try:
        code = command()
    except mistakes as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(Exit.USAGE)
    except KeyboardInterrupt:
        sys.exit(BY_SIGNAL + signal.SIGINT)
    except Exception:  # noqa: BLE001 - it crashed
        sys.excepthook(*sys.exc_info())
        sys.exit(Exit.USAGE)
    sys.exit(Exit.HOLDS if code is None else code)
