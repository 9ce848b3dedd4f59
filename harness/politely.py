"""Runs a module with what the machine can spare: `python -m harness.politely MODULE ARGUMENT...`.

A niceness alone does not do it for who leads a session: Linux shares its time out between sessions first, and a niceness counts
only within one (sched(7), "The autogroup feature"). So the session gets one as well, where there is such a thing.
"""

import contextlib
import os
import runpy
import sys
from pathlib import Path

LEAST = 19  # of the nicenesses there are
SESSION = Path("/proc/self/autogroup")


def main() -> None:
    """Step back, then be that module."""
    os.nice(LEAST)
    with contextlib.suppress(OSError):  # neither on a Mac nor where the kernel was built without it
        SESSION.write_text(str(LEAST))
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
