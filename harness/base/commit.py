"""Which commit a checkout is of."""

import hashlib
import subprocess
from functools import cache

from harness.base.run import ROOT

GIT_SECONDS = 10.0
# Stands between a commit and a digest of the changes, where files differ from that commit.
CHANGED = "+"


@cache
def head() -> str:
    """The commit of this checkout; empty where nobody can tell."""
    return _git("rev-parse", "HEAD")


@cache
def commit() -> str:
    """The commit of the sources; where they have been changed, it is followed by a + and a digest of the change.

    Empty where nobody can tell.
    """
    found = head()
    if not found or not _git("status", "--porcelain", "--untracked-files=no"):
        return found
    return f"{found}{CHANGED}{hashlib.sha256(_git('diff', 'HEAD').encode()).hexdigest()[:8]}"


@cache
def difference() -> str:
    """The difference from the commit, as git shows it, with the names of new files; empty where nothing differs."""
    if not head():
        return ""
    new = _git("ls-files", "--others", "--exclude-standard").splitlines()
    return "\n".join([*filter(None, [_git("diff", "HEAD")]), *(f"new file: {name}" for name in new)])


def _git(*words: str) -> str:
    try:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, timeout=GIT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout.strip()
