"""`capacity`: what a row carries, measured."""

from typing import Annotated

import numpy as np
import typer

from harness.base.exits import Exit
from harness.cli.options import Substrate
from harness.load import show
from harness.load.cli.options import OneTier, OnSubstrate, OutTo, new_folder, tiers_of
from harness.load.judgement import Grade
from harness.load.locust.demands import Demands
from harness.load.model import carries
from harness.load.presets import PRESETS
from harness.load.remote import CLIENT
from harness.load.search import highest_rate
from harness.load.testbed import Testbed
from harness.load.verdict import judge

CONTENT = "celery_content"
SHARE = 0.95


def capacity(
    tier: OneTier = "starter",
    jobs: Annotated[int, typer.Option("--jobs", min=20, help="Roadmaps of each point.")] = 150,
    substrate: OnSubstrate = Substrate.EMBEDDED,
    out: OutTo = None,
) -> None:
    """Search the highest rate at which p95 of the time to the roadmap keeps to the objective: points around the model's."""
    (name,) = tiers_of(tier)
    demands = Demands.load()
    demand, limit = demands.tiers[name], demands.tiers[name].objectives.time_to_roadmap_p95_s
    speed = PRESETS["standard"].speed(demand, demands.workload)
    folder = out or new_folder("capacity")
    with (
        show.progress() as progress,
        Testbed(name, folder, demands.workload, speed=speed, progress=progress, substrate=substrate) as stand,
    ):
        first = stand.replicate("nominal", seconds=jobs / demand.roadmaps_per_hour * 3600)
        expected = carries(stand.row.processes[CONTENT], first.service() * speed, limit) * 3600
        if not expected:
            _refuse_invalid(stand)
            typer.echo(f"a roadmap alone takes longer than {limit:g} s", err=True)
            raise typer.Exit(Exit.VIOLATED)

        def measure(rate: float) -> float:
            one = stand.replicate("nominal", seconds=jobs / rate * 3600, rate=rate, seed=round(rate))
            return float(np.quantile([job.seconds for job in one.judged], SHARE)) * speed

        found = highest_rate(measure, expected, limit)
        stand.run(CLIENT).write(folder / name)
        _refuse_invalid(stand)
    table = show.console()
    for point in found.points:
        table.print(f"{point.rate:8.0f} roadmaps an hour   p95 {point.value:7.1f} s")
    bound = "" if found.bounded else " at the edge of what was measured"
    table.print(f"{name} carries {found.rate:.0f} roadmaps an hour{bound} (the model: {expected:.0f})")
    table.print(show.ASSUMED)
    raise typer.Exit(Exit.HOLDS if found.bounded else Exit.UNKNOWN)


def _refuse_invalid(stand: Testbed) -> None:
    """Say why, and end the command, where the machine or the generator was the limit and not the row."""
    demands = Demands.load()
    found = judge(stand.run(CLIENT), demands.tiers[stand.tier], demands.prices).of("valid")
    for sentence in found.sentences:
        if sentence.grade is Grade.INVALID:
            typer.echo(f"invalid: {sentence.about}: {sentence.said}", err=True)
    if found.grade is Grade.INVALID:
        raise typer.Exit(Exit.INVALID)
