"""Measures the share of the API's memory that eight logins at once take: each password is hashed in 64 MiB."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from json import dumps
from time import sleep

import psutil

from harness import Stack, StackSpec
from harness.base.progress import Progress
from harness.experiments.bench.figure import Figure
from scenarios.roadmaps.services import API, CONTENT, FLOWER, LOGS

AT_ONCE = 8
HASH_MB = 64  # argon2's memory, by default
LOOK_SECONDS = 0.005
OMITTED = (CONTENT, LOGS, FLOWER)
ENVIRONMENT = {
    "LOGIN_ATTEMPTS_PER_MINUTE": "1000000",
    "LOGINS_PER_HOUR": "1000000",
    "PASSWORD_HASH_MEMORY_MIB": str(HASH_MB),
}


def logins(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Log eight users in at the same moment, repeatedly, and measure the memory of the API's processes meanwhile.

    Args:
        rounds: of eight logins.
        progress: gets the current step.
        spec: of the stack, whose roles are processes of this machine; they are started as a deployment starts them.
    """
    progress("a stack without workers")
    wanted = replace(spec, omit=OMITTED, env=ENVIRONMENT, spawned=True)
    with Stack(wanted, "bench") as stack, stack.client() as client:
        users = [client.sign_up() for _ in range(AT_ONCE)]
        bodies = [dumps({"email": user.email, "password": user.password}).encode() for user in users]
        address = stack.substrate.links.target(API)
        before = _memory(stack)
        with _watched(stack) as seen, ThreadPoolExecutor(AT_ONCE) as pool:
            for number in range(1, rounds + 1):
                progress(f"{number} of {rounds} rounds")
                refused = [
                    status for status in pool.map(lambda body: _login(address, body), bodies) if status != 200
                ]
                if refused:
                    raise RuntimeError(f"a login was answered {refused[0]}")
    tier = stack.tier
    processes = tier.concurrency["api"]
    yield Figure(
        name=f"{AT_ONCE} logins at once, of the memory of tier {tier.name}",
        value=max(seen) / (tier.memory_mb or float("nan")),
        most=1.0,
        detail=f"{max(seen):.0f} MB of {tier.memory_mb}, {before:.0f} before, {len(seen)} looks",
    )
    yield Figure(
        name="passwords hashed at the same moment, of one for each process",
        value=(max(seen) - before) / (HASH_MB * processes),
        least=0.5 / processes,  # otherwise no sample was taken during a hash
        most=1.25,
        detail=f"{processes} processes",
    )


def _memory(stack: Stack) -> float:
    """Memory of all API processes in MB; shared pages count once."""
    processes = [psutil.Process(stack.node(API).pid)]
    processes += processes[0].children(recursive=True)
    return float(sum(process.memory_full_info().pss for process in processes)) / 2**20


@contextmanager
def _watched(stack: Stack) -> Iterator[Sequence[float]]:
    seen: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            seen.append(_memory(stack))
            sleep(LOOK_SECONDS)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def _login(address: str, body: bytes) -> int:
    """Log in over a new connection, so that the next login may reach another process."""
    connection = HTTPConnection(address, timeout=60)
    connection.request("POST", "/api/v1/auth/login", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status
