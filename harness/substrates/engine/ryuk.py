"""testcontainers' own reaper, a container that collects ours when this process is gone, beside the supervisors of ours.

It collects whatever this process has started, so it is only for processes that leave no stack running.
"""

import functools
import os

from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import Reaper

from harness.base.progress import Progress, silence
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.engine import EngineError
from harness.substrates.engine.images import POSTGRES, Source, choose, has, pull

testcontainers_config.ryuk_disabled = True  # until we know that it can be had
_wanted = False


def want() -> None:
    """From now on Ryuk is started before the first container of this process, if it can be had."""
    global _wanted  # noqa: PLW0603 - testcontainers' own setting is one for the process too
    _wanted = True


@functools.cache
def start(progress: Progress = silence) -> bool:
    """Start it, where it is wanted and its image can be had; once, before anything is started at the same time.

    It can be had where the engine has it, or where a registry has brought the other images too.

    Args:
        progress: told that its image is fetched.

    Returns:
        Whether it runs.
    """
    if not _wanted or os.environ.get("TESTCONTAINERS_RYUK_DISABLED", "").lower() in {"true", "1", "yes"}:
        return False
    engine, image = the_engine(), testcontainers_config.ryuk_image
    if not has(engine, image):
        if choose(POSTGRES, engine).source is not Source.OFFICIAL:
            return False
        try:
            pull(engine, image, progress)
        except EngineError:
            return False
    testcontainers_config.ryuk_disabled = False
    Reaper.get_instance()
    return True
