"""The exit codes of all our commands, in one table."""

import enum
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

BY_SIGNAL = 128  # added to a signal's number: a shell's exit code for a program that the signal ended


class Exit(enum.IntEnum):
    """Only HOLDS is a pass: there is a code of its own for a thing that was not seen or cannot be judged."""

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
    """Run a command and end this process as the table says, also where it crashes: Python's own exit code 1 would be read as a verdict.

    Args:
        command: answers its exit code, or None where it ends by itself if it does not hold.
        mistakes: errors that the user has made: they are shown in one sentence, all others with a traceback.
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
