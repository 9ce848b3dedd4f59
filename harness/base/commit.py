"""Which commit a checkout is of."""

import subprocess
from functools import cache

from harness.base.run import ROOT

GIT_SECONDS = 10.0
CHANGED = "+"  # stands behind a commit whose files are not all as it has them


@cache
def head() -> str:
    """The commit of this checkout; empty where nobody can tell."""
    return _git("rev-parse", "HEAD")


@cache
def commit() -> str:
    """The commit that the sources are of, with a + behind it where they have been changed; empty where nobody can tell."""
    found = head()
    return found and found + (CHANGED if _git("status", "--porcelain", "--untracked-files=no") else "")


def _git(*words: str) -> str:
    try:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, timeout=GIT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout.strip()
