"""How much faster PostgreSQL and Redis start than with testcontainers' own classes, which start one after the other."""

import contextlib
import time
from collections.abc import Iterator

from testcontainers.community.postgres import PostgresContainer
from testcontainers.community.redis import RedisContainer

from harness.application import current
from harness.base.progress import Progress
from harness.base.run import Run
from harness.experiments.bench.figure import Figure
from harness.substrates.engine.claim import Claim
from harness.substrates.engine.current import the_engine
from harness.substrates.engine.images import POSTGRES, REDIS, resolve
from harness.substrates.server_containers import ServerContainers
from harness.substrates.spec import StackSpec
from harness.substrates.substrate import supervise
from harness.substrates.versions import Versions

LEAST_TIMES = 3.0


def servers(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Start both servers in turn by us and by testcontainers' own classes for them, from the same base images.

    Args:
        rounds: rounds of both; one more of ours comes first and bakes a missing data directory.
        progress: told what is measured.
        spec: names their versions.
    """
    progress("our own, once to bake")
    _ours(spec)
    times, own, plain = [], [], []
    for number in range(1, rounds + 1):
        progress(f"{number} of {rounds} rounds")
        own.append(_ours(spec))
        plain.append(_testcontainers())
        times.append(plain[-1] / own[-1])
    yield Figure.median("PostgreSQL and Redis", own)
    yield Figure.median("testcontainers' own, one after the other", plain)
    yield Figure.ratio("so many times sooner", times, least=LEAST_TIMES)


def _ours(spec: StackSpec) -> float:
    run = Run.begin("bench")
    with contextlib.ExitStack() as ending:
        supervisor = supervise(run)
        ending.callback(supervisor.stop)
        ending.callback(run.forget)
        claim = Claim.make(run, supervisor)
        ending.callback(claim.give_up)
        began = time.monotonic()
        ServerContainers.prepare(current(), claim, Versions(spec.postgres, spec.redis)).start()
        return time.monotonic() - began


def _testcontainers() -> float:
    began = time.monotonic()
    with PostgresContainer(resolve(POSTGRES, the_engine())), RedisContainer(resolve(REDIS, the_engine())):
        return time.monotonic() - began
