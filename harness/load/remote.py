"""A run against a deployment that is not ours: only with the figures that a client can see."""

import time
from dataclasses import replace
from pathlib import Path

import psutil

from harness.load import machine
from harness.load.build_record import parts, read_generated, replicate
from harness.load.checks.inputs import REMOTE
from harness.load.declaration import LoadTest
from harness.load.generator_client import Plan, generate
from harness.load.presets import Preset
from harness.load.record import Replicate, Run

CLIENT = "client"


def remote_run(
    test: LoadTest,
    tier: str,
    folder: Path,
    url: str,
    provider: str,
    *,
    allow_paid: bool,
    preset: Preset,
) -> Run:
    """Drive a URL at the tier's nominal load, in the world's own time.

    Args:
        test: that is driven.
        tier: tier with the load and the objectives.
        folder: for the record.
        url: of the API.
        provider: address of its scripted provider; '' for a real one.
        allow_paid: whether somebody pays for a real one.
        preset: the depth, for the number of jobs.

    Raises:
        GeneratorError: the generator did not begin, for example because paying was not allowed.
    """
    demand = test.traffic.demands.tiers[tier]
    seconds = (preset.jobs or preset.burst) / demand.per_hour * 3600
    began = time.time()
    found: list[Replicate] = []
    interrupted = False
    for number, seed in enumerate(preset.seeds() or (preset.seed,), 1):
        plan = Plan(
            host=url,
            provider=provider,
            tier=tier,
            profile="nominal",
            seconds=seconds,
            seed=seed,
            allow_paid=allow_paid,
            workload=preset.workload,
        )
        try:
            before = machine.calibrate()
            summary, asked = generate(test, plan, folder / f"{tier}-{number}-nominal")
            one = replicate("nominal", summary, asked, {})
            found.append(replace(one, calibration=(before, machine.calibrate())))
        except KeyboardInterrupt:
            interrupted = True
            break
    seen = _client(test, tier, found, speed=1.0, began=began, workload=preset.workload)
    return replace(seen, interrupted=interrupted)


def client_run(test: LoadTest, folder: Path) -> Run:
    """Make a run of a generator's files in a folder: one long steady run is divided into several.

    Args:
        test: that was driven.
        folder: of the record.

    Raises:
        FileNotFoundError: it has left nothing.
    """
    summary, asked = read_generated(folder, test.traffic.notes)
    whole = replicate(summary["profile"], summary, asked, {})
    found = parts(whole, summary["planned"])
    return _client(
        test,
        summary["tier"],
        found,
        speed=summary["speed"],
        began=summary["began"],
        workload=summary["workload"],
    )


def _client(
    test: LoadTest,
    tier: str,
    found: list[Replicate] | tuple[Replicate, ...],
    *,
    speed: float,
    began: float,
    workload: str,
) -> Run:
    return Run(
        tier=tier,
        depth=CLIENT,
        speed=speed,
        cores=psutil.cpu_count() or 1,
        row=test.rows()[tier],
        roles=None,
        replicates=tuple(found),
        substrate=REMOTE,
        began=began,
        workload=workload,
    )
