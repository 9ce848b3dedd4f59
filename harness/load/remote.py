"""A run against a deployment that is not ours: what a client can see, and nothing else."""

import time
from dataclasses import replace
from pathlib import Path

import psutil

from harness.load import machine
from harness.load.build_record import load, parts, replicate
from harness.load.generator_client import Plan, generate
from harness.load.locust.demands import Demands
from harness.load.presets import Preset
from harness.load.record import Replicate, Run
from loadtests.declaration import row

CLIENT = "client"


def remote_run(tier: str, folder: Path, url: str, provider: str, *, allow_paid: bool, depth: Preset) -> Run:
    """Drive a URL at the tier's nominal load, in the world's own time.

    Args:
        tier: whose load and objectives are meant.
        folder: for the record.
        url: of the API.
        provider: address of its scripted provider; '' for a real one.
        allow_paid: whether somebody pays for a real one.
        depth: how many roadmaps.

    Raises:
        GeneratorError: the generator did not begin, for one because nobody may pay.
    """
    demand = Demands.load().tiers[tier]
    seconds = (depth.jobs or depth.burst) / demand.roadmaps_per_hour * 3600
    began = time.time()
    found: list[Replicate] = []
    for number in range(1, max(depth.replicates, 1) + 1):
        plan = Plan(
            host=url,
            provider=provider,
            tier=tier,
            profile="nominal",
            seconds=seconds,
            seed=number,
            allow_paid=allow_paid,
        )
        before = machine.calibrate()
        summary, roadmaps = generate(plan, folder / f"{tier}-{number}-nominal")
        one = replicate("nominal", summary, roadmaps, {})
        found.append(replace(one, calibration=(before, machine.calibrate())))
    return _client(tier, found, speed=1.0, began=began)


def client_run(folder: Path) -> Run:
    """What a generator has left in a folder, as a run: one long steady run counts as several.

    Raises:
        FileNotFoundError: it has left nothing.
    """
    summary, roadmaps = load(folder)
    whole = replicate(summary["profile"], summary, roadmaps, {})
    found = parts(whole, summary["planned"])
    return _client(summary["tier"], found, speed=summary["speed"], began=summary["began"])


def _client(tier: str, found: list[Replicate] | tuple[Replicate, ...], *, speed: float, began: float) -> Run:
    return Run(
        tier=tier,
        depth=CLIENT,
        speed=speed,
        cores=psutil.cpu_count() or 1,
        row=row(tier),
        roles=None,
        replicates=tuple(found),
        substrate="remote",
        began=began,
    )
