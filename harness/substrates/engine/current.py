"""The one engine that this process uses, and every program it starts."""

import functools
import os

from harness.substrates.engine.engine import Engine


@functools.cache
def the_engine() -> Engine:
    """Found when it is first asked for; testcontainers, and the programs that we start, then speak to the same one.

    Raises:
        EngineError: none can be used; says why.
    """
    found = Engine.find()
    os.environ.update(found.environment)
    return found
