"""Whether the scripted OpenAI is ever the bottleneck: it is compared with a bare application that sends the same bytes."""

import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from harness.base.progress import Progress
from harness.base.wait import eventually
from harness.experiments.bench.figure import Figure
from harness.experiments.bench.load import Answer, closed, request, wave
from harness.nodes.ports import ReservedPort
from harness.providers.ledger import CAPACITY
from harness.providers.openai.client import FakeOpenAI
from harness.substrates.spec import StackSpec

CONNECTIONS = 32
CALLS = 10_000  # requests of one load, which takes a second or two
PATH = "/v1/chat/completions"
KEY = {"Authorization": "Bearer sk-bench"}
PLAIN: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "messages": [
        {"role": "system", "content": "You are helpful."},
        {"role": "user", "content": "What is Rust for?"},
    ],
}
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "sources": {"type": "array", "items": {"type": "string"}}},
    "required": ["answer", "sources"],
    "additionalProperties": False,
}
RESPONSES = "/v1/responses"
KINDS = {
    "plain": PLAIN,
    "structured": {
        **PLAIN,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
        },
    },
    "streamed": {**PLAIN, "stream": True},
    "Responses": {"model": "gpt-4o-mini", "instructions": "You are helpful.", "input": "What is Rust for?"},
}
PATHS = {"Responses": RESPONSES}  # path, where it is not that of chat completions
LEAST_RATIO = {"plain": 0.6, "streamed": 0.6, "Responses": 0.5}
MOST_TAIL = 4.0
LEAST_CORE = 0.9  # share of a core: with less, other processes kept the server from answering
MOST_TRIES = 6  # limit of rounds, as a multiple, until enough were undisturbed
AT_ONCE = 2_000
LATENCY = 0.2  # seconds of each answer
MOST_TIMES_SLEEP = 1.5
MOST_GROWTH = 0.1  # share of its memory with a full ledger
NOT_OURS = {"content-length", "date", "transfer-encoding"}


def openai(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Load the provider and its floor in turn, each on one core by itself; then the provider with a full ledger.

    Args:
        rounds: of both.
        progress: told what is measured.
        spec: not used; there is no stack.
    """
    del spec
    with _provider() as (process, url):
        yield from _ratios(url, process, rounds, progress)
        fake = FakeOpenAI(url)
        address = url.removeprefix("http://")
        one = request(address, PATH, json.dumps(PLAIN).encode(), KEY)
        while (recorded := int(fake.totals()["calls"])) < CAPACITY:
            progress(f"{recorded} of {CAPACITY} calls recorded")
            closed(address, [one] * CONNECTIONS, CALLS)
        full = process.memory_info().rss
        yield from _tail(process, address, one, rounds, progress)
        grown = process.memory_info().rss / full - 1
        totals = fake.totals()
        detail = f"{full / 1e6:.0f} MB with {CAPACITY} calls, {totals['forgotten']} forgotten since"
        yield Figure(
            name="memory beyond a full ledger, of that with one", value=grown, most=MOST_GROWTH, detail=detail
        )
        yield from _at_once(fake, url, one, rounds, progress)
        fake.close()


def _ratios(url: str, process: psutil.Process, rounds: int, progress: Progress) -> Iterator[Figure]:
    """CPU seconds of a floor over those of the provider: the ratio of what two servers on one core each can do."""
    address = url.removeprefix("http://")
    for kind, body in KINDS.items():
        payload = json.dumps(body).encode()
        path = PATHS.get(kind, PATH)
        with _floor(url, payload, path=path) as (floor, floor_address):
            ratios, costs = [], []
            for number in range(rounds + 1):
                progress(f"{kind}: {number} of {rounds} rounds")
                least = _cost(floor, floor_address, payload, path)
                ours = _cost(process, address, payload, path)
                if number:
                    ratios.append(least / ours)
                    costs.append(ours)
        microseconds = statistics.median(costs) * 1e6
        yield Figure.ratio(
            f"{kind} answers, of a bare ASGI application",
            ratios,
            why=f"{microseconds:.0f} us of CPU each",
            least=LEAST_RATIO.get(kind),
        )


@dataclass(frozen=True, slots=True)
class Round:
    """One load.

    Args:
        tail: its 99th percentile over its median.
        median: in milliseconds.
        core: share of a core that the server got during the load; it is always busy.
    """

    tail: float
    median: float
    core: float


def undisturbed(played: Sequence[Round], wanted: int) -> list[Round]:
    """The rounds that show the server's speed: in the others, other processes used its core.

    Args:
        played: all rounds.
        wanted: number of rounds; if fewer were undisturbed, all are judged, because then the server itself may wait.
    """
    found = [one for one in played if one.core >= LEAST_CORE]
    return found[:wanted] if len(found) >= wanted else list(played)


def _tail(
    process: psutil.Process, address: str, one: bytes, rounds: int, progress: Progress
) -> Iterator[Figure]:
    played: list[Round] = []
    errors = 0
    while sum(each.core >= LEAST_CORE for each in played) < rounds and len(played) < MOST_TRIES * rounds:
        progress(f"latency: {len(played) + 1} of {rounds} rounds, and of as many more as others disturb")
        before = _cpu(process)
        seconds, answers = closed(address, [one] * CONNECTIONS, CALLS)
        core = (_cpu(process) - before) / seconds
        times = [answer.seconds for answer in answers]
        errors += _errors(answers)
        median = statistics.median(times)
        played.append(Round(statistics.quantiles(times, n=100)[-1] / median, median * 1000, core))
    judged = undisturbed(played, rounds)
    yield Figure.ratio(
        f"99th percentile under {CONNECTIONS} connections, times the median",
        [each.tail for each in judged],
        why=f"the median is {statistics.median(each.median for each in judged):.2f} ms; "
        f"{sum(each.core < LEAST_CORE for each in played)} of {len(played)} rounds were disturbed",
        most=MOST_TAIL,
    )
    yield Figure(name="errors", value=errors, most=0, detail=f"of {CALLS * len(played)}")


def _at_once(fake: FakeOpenAI, url: str, one: bytes, rounds: int, progress: Progress) -> Iterator[Figure]:
    """Requests that arrive as evenly as the first answers leave, so that all are open at one moment; the floor waits as long."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    fake.reset()
    fake.latency(LATENCY)
    slowest, ratios, errors = [], [], 0
    with _floor(url, json.dumps(PLAIN).encode(), LATENCY) as (_, floor_address):
        for number in range(1, rounds + 1):
            progress(f"{AT_ONCE} at once: {number} of {rounds} rounds")
            least = _slowest(wave(floor_address, one, AT_ONCE, LATENCY))
            answers = wave(url.removeprefix("http://"), one, AT_ONCE, LATENCY)
            errors += _errors(answers)
            slowest.append(_slowest(answers))
            ratios.append(slowest[-1] / least)
    yield Figure.ratio(
        f"99th percentile of {AT_ONCE} at once of {LATENCY * 1000:g} ms each, times that of a bare ASGI application",
        ratios,
        why=f"{statistics.median(slowest) * 1000:.0f} ms; {fake.totals()['most_running']} open in one moment",
        most=MOST_TIMES_SLEEP,
    )
    yield Figure(name="errors among them", value=errors, most=0, detail=f"of {AT_ONCE * rounds}")


def _slowest(answers: list[Answer]) -> float:
    """Seconds: the 99th percentile."""
    return statistics.quantiles([answer.seconds for answer in answers], n=100)[-1]


def _cost(process: psutil.Process, address: str, payload: bytes, path: str) -> float:
    """CPU seconds of the server for one call of a load."""
    before = _cpu(process)
    _, answers = closed(address, [request(address, path, payload, KEY)] * CONNECTIONS, CALLS)
    if _errors(answers):
        raise RuntimeError(f"{address} refused: {next(a for a in answers if ' 200 ' not in a.status_line)}")
    return (_cpu(process) - before) / CALLS


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _errors(answers: list[Answer]) -> int:
    return sum(" 200 " not in answer.status_line for answer in answers)


@contextmanager
def _provider() -> Iterator[tuple[psutil.Process, str]]:
    with ReservedPort() as port:
        argv = ("-m", "harness.providers.openai", "--port", str(port.number))
        with _server(argv, {}, port.number) as process:
            yield process, f"http://127.0.0.1:{port.number}"


@contextmanager
def _floor(
    url: str, payload: bytes, latency: float = 0.0, path: str = PATH
) -> Iterator[tuple[psutil.Process, str]]:
    """A bare application that sends what the provider has sent, under the same server with the same settings."""
    sent = httpx.post(f"{url}{path}", content=payload, headers=KEY, trust_env=False)
    headers = [pair for pair in sent.headers.multi_items() if pair[0] not in NOT_OURS]
    if "content-length" in sent.headers:
        headers.append(("content-length", sent.headers["content-length"]))
    answer = json.dumps({"headers": headers, "body": sent.content.decode("latin-1")})
    with ReservedPort() as port:
        options = ("--no-access-log", "--log-level", "warning", "--lifespan", "off", "--ws", "none")
        more = ("--no-proxy-headers", "--no-server-header", "--port", str(port.number))
        argv = ("-m", "uvicorn", "harness.experiments.bench.floor:app", *options, *more)
        with _server(argv, {"ANSWER": answer, "LATENCY": str(latency)}, port.number) as process:
            yield process, f"127.0.0.1:{port.number}"


@contextmanager
def _server(argv: tuple[str, ...], environment: dict[str, str], port: int) -> Iterator[psutil.Process]:
    process = subprocess.Popen(
        [sys.executable, *argv], env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}{PATH}"
        eventually(
            lambda: httpx.post(url, json=PLAIN, headers=KEY, trust_env=False).is_success,
            timeout=20,
            what="the server",
            unless=lambda: "it has ended" if process.poll() is not None else None,
        )
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()
