"""Computes the cost of an unused deployment and of a roadmap, from measured figures and declared prices.

Usage, for example: python -m scenarios.roadmaps.costs measure, or: python -m scenarios.roadmaps.costs write

`measure` starts each tier's row as it is deployed, leaves it idle, and stores what it used in docs/costs.json; `write` makes the tables of
both guides from that file and from loadtests/tiers.toml.
"""

import argparse
import json
import sys
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import psutil
import typer

from harness import Stack, StackSpec
from scenarios.roadmaps import prompt_tokens
from scenarios.roadmaps.application import ROOT, app
from scenarios.roadmaps.bench.idle import Count

FILE, DEMANDS = ROOT / "docs/costs.json", ROOT / "loadtests/tiers.toml"
GUIDES = {"docs/deploy.md": "en", "docs/deploy.zh.md": "zh"}
BEGIN, END = "<!-- made by python -m scenarios.roadmaps.costs write -->\n", "<!-- until here -->\n"
SETTLE_SECONDS, IDLE_SECONDS = 30.0, 120.0
MINUTES_A_MONTH = 30 * 24 * 60
CALLS_A_CONCEPT, CALLS_BEFORE = 3, 2  # the parts of a concept; intent and curriculum
# Upstash's page of prices of Redis, November 2026: what the free plan takes, and US dollars for 100,000 where one pays as one goes, for all of them.
FREE_COMMANDS, COMMANDS_PRICE = 500_000, 0.20
COMPLETION_TOKENS = 1200  # of one call, an assumption: as loadtests/tiers.toml takes them for its price
# The example: Railway's plan Hobby, whose fee is a part of what is used (docs.railway.com, Understanding Your Bill); of the two servers we assume.
FEE, SERVERS_GB = 5.0, 0.25
ROADMAPS, WORKLOAD = 100, "usual"
HEADS = {
    "en": (
        ("tier", "memory, GB", "memory, a month", "processors", "processors, a month", "Redis commands, a month", "on Upstash, a month"),
        ("workload", "calls a roadmap", "prompt tokens", "completion tokens", "provider, 1,000 roadmaps"),
    ),
    "zh": (
        ("档位", "内存 GB", "内存费用/月", "CPU 核数", "CPU 费用/月", "Redis 命令数/月", "Upstash 费用/月"),
        ("工作负载", "每份路线图的调用次数", "输入 Token", "输出 Token", "每 1,000 份路线图的模型费用"),
    ),
}  # fmt: skip
EXAMPLE = {
    "en": (
        f"{{tier}} on the plan Hobby, {ROADMAPS} roadmaps `{WORKLOAD}`",
        "a month",
        (
            "API and both workers: memory and processors",
            f"PostgreSQL and Redis on Railway: {SERVERS_GB} GB, assumed",
            f"both together, at least the plan's fee of ${FEE:g}",
            "provider",
            "all of it",
        ),
    ),
    "zh": (
        f"{{tier}}，Hobby 套餐，{ROADMAPS} 份 `{WORKLOAD}` 路线图",
        "每月",
        (
            "API 和两个 Worker 的内存与 CPU",
            f"Railway 上的 PostgreSQL 和 Redis，假设共 {SERVERS_GB} GB",
            f"以上合计，不低于套餐月费 ${FEE:g}",
            "模型费用",
            "总计",
        ),
    ),
}


def measure() -> dict[str, Any]:
    """Leave each tier's row idle and measure its memory, with shared pages counted once, its processor time and its commands to Redis.

    Also count the tokens of a prompt.
    """
    tiers = {}
    for tier in app.tiers:
        typer.echo(f"{tier}: starts")
        with Stack(StackSpec(tier=tier, spawned=True, own_servers=True), "costs") as stack:
            time.sleep(SETTLE_SECONDS)
            names = [name for name in stack.environments if _runs(stack, name)]
            before, sent = {name: _cpu(stack, name) for name in names}, Count.of(stack.redis)
            time.sleep(IDLE_SECONDS)
            rates = Count.of(stack.redis).since(sent)
            tiers[tier] = {
                "commands_a_minute": round(sum(rates.values()), 1),
                "services": {
                    name: {
                        "memory_mb": round(sum(_pss(one) for one in _processes(stack, name)) / 2**20),
                        "processors": round((_cpu(stack, name) - before[name]) / IDLE_SECONDS, 4),
                    }
                    for name in names
                },
            }
        typer.echo(f"{tier}: {tiers[tier]}")
    return {
        "measured": datetime.now(UTC).date().isoformat(),
        "idle_seconds": IDLE_SECONDS,
        "prompt_tokens_of_a_call": round(prompt_tokens.of_a_call()),
        "tiers": tiers,
    }


def _runs(stack: Stack, name: str) -> bool:
    try:
        return stack.node(name).alive
    except LookupError:
        return False


def _processes(stack: Stack, name: str) -> list[psutil.Process]:
    first = psutil.Process(stack.node(name).pid)
    return [first, *first.children(recursive=True)]


def _pss(process: psutil.Process) -> int:
    return int(process.memory_full_info().pss)


def _cpu(stack: Stack, name: str) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in _processes(stack, name))


def tables(measured: Mapping[str, Any], demands: Mapping[str, Any], language: str) -> str:
    """The three tables, as Markdown.

    Args:
        measured: the result of `measure`.
        demands: loadtests/tiers.toml.
        language: of HEADS.
    """
    prices = demands["prices"]
    standing = [_standing(tier, found, prices) for tier, found in measured["tiers"].items()]
    prompt = measured["prompt_tokens_of_a_call"]
    written = [_written(name, work, prompt, prices) for name, work in demands["workloads"].items()]
    example = _example(measured["tiers"], demands["workloads"], prices, language)
    return "\n".join(
        "\n".join([_row(head), _row(["---"] * len(head)), *map(_row, rows)]) + "\n"
        for head, rows in (*zip(HEADS[language], (standing, written), strict=True), example)
    )


def _example(
    tiers: Mapping[str, Any], workloads: Mapping[str, Any], prices: Mapping[str, float], language: str
) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """The first tier's head and rows."""
    tier, found = next(iter(tiers.items()))
    memory, processors, _ = _used(found)
    services = memory * prices["memory_gb_month"] + processors * prices["cpu_month"]
    servers = SERVERS_GB * prices["memory_gb_month"]
    provider = ROADMAPS * _calls(workloads[WORKLOAD]) * prices["provider_call"]
    railway = max(services + servers, FEE)
    title, month, items = EXAMPLE[language]
    amounts = (services, servers, railway, provider, railway + provider)
    return (title.format(tier=tier), month), [
        (item, f"${amount:.2f}") for item, amount in zip(items, amounts, strict=True)
    ]


def _used(found: Mapping[str, Any]) -> tuple[float, float, float]:
    """GB, processors, and commands a month."""
    services = found["services"].values()
    memory = sum(one["memory_mb"] for one in services) / 1024
    return memory, sum(one["processors"] for one in services), found["commands_a_minute"] * MINUTES_A_MONTH


def _calls(work: Mapping[str, Any]) -> float:
    """The calls of a roadmap, on average."""
    concepts: float = sum(int(number) * share for number, share in work["concepts"].items())
    return CALLS_BEFORE + CALLS_A_CONCEPT * concepts


def _standing(tier: str, found: Mapping[str, Any], prices: Mapping[str, float]) -> list[str]:
    memory, processors, commands = _used(found)
    billed = commands / 100_000 * COMMANDS_PRICE if commands > FREE_COMMANDS else 0
    return [
        tier,
        f"{memory:.2f}",
        f"${memory * prices['memory_gb_month']:.2f}",
        f"{processors:.3f}",
        f"${processors * prices['cpu_month']:.2f}",
        f"{round(commands, -5):,.0f}",
        f"${billed:.2f}",
    ]


def _written(name: str, work: Mapping[str, Any], prompt: int, prices: Mapping[str, float]) -> list[str]:
    calls = _calls(work)
    return [
        f"`{name}`",
        f"{calls:g}",
        f"{calls * prompt:,.0f}",
        f"{calls * COMPLETION_TOKENS:,.0f}",
        f"${1000 * calls * prices['provider_call']:.2f}",
    ]


def _row(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


def placed(guide: str, made: str) -> str:
    """A guide with its tables replaced.

    Args:
        guide: its text.
        made: the tables.

    Raises:
        ValueError: it has no place for them.
    """
    before, begin, rest = guide.partition(BEGIN)
    _, end, behind = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the guide has no place for the tables: {BEGIN.strip()} and {END.strip()}")
    return f"{before}{BEGIN}\n{made}\n{END}{behind}"


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("measure", "write"))
    if parser.parse_args().what == "measure":
        FILE.write_text(json.dumps(measure(), indent=2) + "\n", encoding="utf-8")
        return 0
    measured = json.loads(FILE.read_text(encoding="utf-8"))
    demands = tomllib.loads(DEMANDS.read_text(encoding="utf-8"))
    for name, language in GUIDES.items():
        path = ROOT / name
        path.write_text(
            placed(path.read_text(encoding="utf-8"), tables(measured, demands, language)), encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
