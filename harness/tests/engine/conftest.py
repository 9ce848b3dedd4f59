import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def folder():
    """A path short enough for a unix socket, on macOS too."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="engine-") as made:
        yield Path(made)
