"""Compares the API's cost of an address that names a readiness check 3,000 times with that of naming it once."""

from collections.abc import Iterator
from dataclasses import replace

import psutil

from harness import Stack, StackSpec
from harness.base.progress import Progress
from harness.experiments.bench.figure import Figure
from harness.experiments.bench.load import closed
from scenarios.roadmaps.services import API, CONTENT, FLOWER, LOGS

NAMED = 3_000
ASKED = 1_000
# both come from memory; the difference is reading 33,000 bytes: 60 us, a quarter of one request
MOST_RATIO = 1.5
OMITTED = (CONTENT, LOGS, FLOWER)


def readiness(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Ask one API process in turn for one check and for the same check 3,000 times, each over one connection.

    Args:
        rounds: of both; one more round comes first, to warm up.
        progress: gets the current step.
        spec: of the stack, whose roles are processes of this machine.
    """
    ratios, costs, checks = [], [], 0
    progress("a stack without workers")
    with Stack(replace(spec, omit=OMITTED, env={"UVICORN_WORKERS": "1"}), "bench") as stack:
        for number in range(rounds + 1):
            progress(f"{number} of {rounds} rounds")
            before = _pings(stack)
            once, many = _cost(stack, 1), _cost(stack, NAMED)
            if number:
                ratios.append(many / once)
                costs.append(once)
                checks += _pings(stack) - before
    yield Figure.ratio(
        f"{NAMED} checks in one address, of one",
        ratios,
        why=f"one takes {min(costs) * 1e6:.0f} us of the API's processor",
        most=MOST_RATIO,
    )
    yield Figure(
        name="pings of Redis for each of these addresses",
        value=checks / (2 * ASKED * rounds),
        most=0.5,
        detail=f"{checks} for {2 * ASKED * rounds}",
    )


def _pings(stack: Stack) -> int:
    """The number of pings that Redis has got."""
    found = stack.redis.info("commandstats").get("cmdstat_ping", {"calls": 0})
    return int(found["calls"])


def _cost(stack: Stack, named: int) -> float:
    """The API's processor seconds for one of many requests in turn, without the client's own."""
    address = stack.substrate.links.target(API)
    path = "/health/ready?" + "&".join(["check=redis"] * named)
    before = _busy(stack)
    _, answers = closed(address, [f"GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode()], ASKED)
    if refused := [answer.status_line for answer in answers if " 200 " not in answer.status_line]:
        raise RuntimeError(f"readiness answered {refused[0]}")
    return (_busy(stack) - before) / ASKED


def _busy(stack: Stack) -> float:
    processes = [psutil.Process(stack.node(API).pid)]
    processes += processes[0].children(recursive=True)
    return float(sum(sum(process.cpu_times()[:2]) for process in processes))
