"""Shows the start of a stack to a person: only on a terminal, and not from workers of pytest-xdist, which share one."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest

from harness.base.progress import Progress, shown, silence
from harness.plugin.session import WORKER_INPUT


@contextmanager
def starting(config: pytest.Config) -> Iterator[Progress]:
    """The context around one start; pytest captures output meanwhile, so it is asked to let this through."""
    if hasattr(config, WORKER_INPUT) or config.get_verbosity() < 0:
        yield silence
        return
    capture = config.pluginmanager.getplugin("capturemanager")
    with (
        capture.global_and_fixture_disabled() if capture else nullcontext(),
        shown("starting a stack", lines=False) as progress,
    ):
        yield progress
