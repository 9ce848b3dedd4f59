"""Measures the cost of 500 open streams for an API process, and for another user's request to it."""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from http.client import HTTPConnection

import psutil

from harness import Stack, StackSpec
from harness.base.progress import Progress
from harness.experiments.bench.figure import Figure
from scenarios.roadmaps.client import Account, Roadmap
from scenarios.roadmaps.services import API, CONTENT, FLOWER, LOGS

STREAMS = 500
USERS = 25
WATCHED_SECONDS = 10.0
ASKED = 200
MOST_CORE = 0.10
MOST_CONNECTIONS = 1
OMITTED = (CONTENT, FLOWER, LOGS)  # so that the roadmaps stay unfinished
ENVIRONMENT = {"UVICORN_WORKERS": "1", "SWEEP_INTERVAL_SECONDS": "60", "LOGIN_ATTEMPTS_PER_MINUTE": "1000"}
# The connections in use at one moment: a query of the streams borrows any free connection. The sweeper, which borrows one too, sleeps.
LOOKING = """
SELECT count(*) FROM pg_stat_activity
WHERE application_name = 'api' AND state <> 'idle' AND datname = current_database()
"""


def streams(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Open 500 streams of 25 users over one API process, leave them alone for ten seconds, and send another request meanwhile.

    Args:
        rounds: not used; a process at rest is measured over ten seconds.
        progress: gets the current step.
        spec: of the stack, whose roles are processes of this machine.
    """
    del rounds
    progress("a stack without workers, and 500 roadmaps")
    with Stack(replace(spec, omit=OMITTED, env=ENVIRONMENT), "bench") as stack, stack.client() as client:
        accounts = [client.sign_up() for _ in range(USERS)]
        roadmaps = [
            (account, account.create_roadmap("Rust")) for account in accounts for _ in range(STREAMS // USERS)
        ]
        address = stack.substrate.links.target(API)
        someone = client.sign_up()
        alone = _median(address, someone)
        progress(f"{STREAMS} streams")
        cores, connections, beside = asyncio.run(_measured(stack, address, roadmaps, someone))
    yield Figure(
        name=f"{STREAMS} open streams, of a core",
        value=cores,
        most=MOST_CORE,
        detail=f"{WATCHED_SECONDS:g} s",
    )
    yield Figure(
        name=f"{STREAMS} open streams, connections in use at once",
        value=connections,
        most=MOST_CONNECTIONS,
    )
    yield Figure(
        name="another user's GET beside them, of one alone",
        value=beside / alone,
        detail=f"{beside * 1000:.2f} ms and {alone * 1000:.2f} ms",
    )


async def _measured(
    stack: Stack, address: str, roadmaps: Sequence[tuple[Account, Roadmap]], someone: Account
) -> tuple[float, float, float]:
    host, _, port = address.rpartition(":")
    async with AsyncExitStack() as opened:
        for account, roadmap in roadmaps:
            reader, writer = await asyncio.open_connection(host, int(port))
            opened.callback(writer.close)
            lines = [f"GET {roadmap.path}/events HTTP/1.1", f"Host: {address}"]
            lines += [f"{name}: {value}" for name, value in account.headers.items()]
            writer.write("\r\n".join([*lines, "", ""]).encode())
            status = await reader.readline()
            if b" 200 " not in status:
                raise RuntimeError(f"a stream was answered {status!r}")
        await asyncio.sleep(1)  # so that the work of opening them is over
        before = _busy(stack)
        await asyncio.sleep(WATCHED_SECONDS)
        cores = (_busy(stack) - before) / WATCHED_SECONDS
        connections = max([float(stack.database.value(LOOKING)) for _ in range(200)])
        return cores, connections, await asyncio.to_thread(_median, address, someone)


def _busy(stack: Stack) -> float:
    """The processor seconds of all API processes so far."""
    processes = [psutil.Process(stack.node(API).pid)]
    processes += processes[0].children(recursive=True)
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def _median(address: str, account: Account) -> float:
    took = []
    with closing(HTTPConnection(address, timeout=30)) as connection:
        for _ in range(ASKED):
            began = time.perf_counter()
            connection.request("GET", "/api/v1/auth/me", headers=account.headers)
            connection.getresponse().read()
            took.append(time.perf_counter() - began)
    return statistics.median(took)
