"""Who lives is read from /proc, while processes end."""

import errno
import os
from pathlib import Path

import pytest

from harness.nodes.process_tree import living

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc")


@pytest.mark.parametrize("ended", [errno.ESRCH, errno.ENOENT])
def test_a_process_that_ends_while_it_is_looked_at_is_not_among_the_living(monkeypatch, ended):
    """The kernel says ESRCH of a file of /proc whose process has ended since its folder was listed."""
    gone = str(os.getppid())
    look, read = Path.stat, Path.read_text

    def refused(path):
        if path.parent.name == gone:
            raise OSError(ended, os.strerror(ended), str(path))

    def stat(path, **options):
        refused(path)
        return look(path, **options)

    def read_text(path, *arguments, **options):
        refused(path)
        return read(path, *arguments, **options)

    assert int(gone) in living()
    monkeypatch.setattr(Path, "stat", stat)
    monkeypatch.setattr(Path, "read_text", read_text)
    found = living()
    assert os.getpid() in found
    assert int(gone) not in found
