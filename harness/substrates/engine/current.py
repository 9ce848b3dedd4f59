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
    for name in (
        "DOCKER_TLS_VERIFY",
        "DOCKER_CERT_PATH",
    ):  # for which a socket has no use, and docker stumbles
        os.environ.pop(name, None)
    os.environ.update(found.environment)
    return found
