"""The one engine that this process uses, and every program it starts."""

import functools
import os

from harness.substrates.engine.engine import Engine


@functools.cache
def the_engine() -> Engine:
    """The engine, found at the first call; testcontainers, and the programs that we start, then use the same one.

    Raises:
        EngineError: no engine can be used; says why.
    """
    found = Engine.find()
    for name in (
        "DOCKER_TLS_VERIFY",
        "DOCKER_CERT_PATH",
    ):  # a socket needs no TLS, and docker would fail with this variable
        os.environ.pop(name, None)
    os.environ.update(found.environment)
    return found
