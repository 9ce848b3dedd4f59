"""`python -m harness.load.locust.command FILE ...`: Locust with a file of ours, whose `--help` shows our options too.

Locust prints its help before it reads any file, so `locust -f FILE --help` can never show them.
"""

import runpy
import sys

from locust.main import main

HELP = {"-h", "--help"}


def run(words: list[str]) -> None:
    """Run Locust in this process.

    Args:
        words: the file, then Locust's own words.
    """
    file, *rest = words
    if HELP & set(rest):
        runpy.run_path(file)  # the import adds our options
    sys.argv = ["locust", "-f", file, *rest]
    main()


if __name__ == "__main__":
    run(sys.argv[1:])
