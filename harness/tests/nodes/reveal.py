"""Says what a process finds when it begins. Becomes itself once more, by exec, if its argument says so."""

import json
import locale
import os
import resource
import signal
import sys
import threading
from pathlib import Path


def surroundings() -> dict[str, object]:
    """All that one process could know of how it was started, and another could find different."""
    descriptors = {}
    for entry in Path("/proc/self/fd").iterdir():
        if entry.exists():  # not the one by which this folder is read
            descriptors[entry.name] = str(entry.readlink())
    ours = ("shop", "harness")
    return {
        "argv": sys.argv,
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "path": sys.path,
        "signals": {number.name: str(signal.getsignal(number)) for number in signal.Signals},
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "leads its session and group": os.getsid(0) == os.getpgid(0) == os.getpid(),
        "descriptors": dict(sorted(descriptors.items())),
        "umask": os.umask(0o022),
        "limits": resource.getrlimit(resource.RLIMIT_NOFILE),
        "threads": threading.active_count(),
        "encodings": [locale.getpreferredencoding(do_setlocale=False).lower(), sys.stdout.encoding],
        "buffered": not sys.stdout.line_buffering,
        "ours": sorted(name for name in sys.modules if name.partition(".")[0] in ours),
    }


if __name__ == "__main__":
    if sys.argv[1:] == ["again"]:
        signal.signal(signal.SIGUSR1, print)
        os.execve(sys.executable, [sys.executable, __file__, "second"], os.environ | {"STAGE": "second"})  # noqa: S606
    print(json.dumps(surroundings()))  # noqa: T201
