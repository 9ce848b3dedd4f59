"""testcontainers' own reaper, a container that removes ours when this process is gone, in addition to our supervisors.

It removes everything that this process has started, so it is only for processes that leave no stack running.
"""

import functools
import os

from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import Reaper

from harness.base.progress import Progress, silence
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.engine import EngineError
from harness.substrates.engine.images import POSTGRES, Source, choose, has, pull

testcontainers_config.ryuk_disabled = True  # until we know that it is available
_wanted = False


def want() -> None:
    """Ask for Ryuk: it is started before the first container of this process, if it is available."""
    global _wanted  # noqa: PLW0603 - testcontainers' own setting is one for the process too
    _wanted = True


@functools.cache
def start(progress: Progress = silence) -> bool:
    """Start it once, where it is wanted and its image is available, before other things are started in parallel.

    It is available where the engine has it, or where the other images came from a registry, too.

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
