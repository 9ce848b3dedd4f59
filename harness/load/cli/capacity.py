"""`capacity`: what a row carries, measured."""

from typing import TYPE_CHECKING, Annotated

import typer

from harness.base.exits import Exit
from harness.load import show
from harness.load.checks.thresholds import time_to_end
from harness.load.cli.options import (
    FromTable,
    OneTier,
    OnSubstrate,
    OutTo,
    WithWorkload,
    declared_in,
    new_folder,
    tiers_of,
    workload_of,
)
from harness.load.judgement import Grade
from harness.load.model import carries
from harness.load.presets import PRESETS
from harness.load.record import EMBEDDED
from harness.load.remote import CLIENT
from harness.load.search import highest_rate
from harness.load.verdict import judge

if TYPE_CHECKING:  # its libraries take seconds, and a mistake in an option none
    from harness.load.testbed import Testbed

SHARE = 0.95


def capacity(
    context: typer.Context,
    tier: OneTier = "",
    jobs: Annotated[int, typer.Option("--jobs", min=20, help="{Nouns} of each point.")] = 150,
    workload: WithWorkload = "",
    substrate: OnSubstrate = EMBEDDED,
    out: OutTo = None,
    table: FromTable = None,
) -> None:
    """Search the highest rate at which p95 of the time to the {noun} keeps to the objective: points around the model's."""
    test = declared_in(context, table)
    (name,) = tiers_of(tier, test)
    demand = test.traffic.demands.tiers[name]
    limit = demand.objectives.time_p95_s
    used = workload_of(workload, PRESETS["standard"].workload, test)
    speed = PRESETS["standard"].speed(demand, test, used)
    folder = out or new_folder("capacity", test)
    from harness.load.testbed import Testbed

    with (
        show.progress() as progress,
        Testbed(
            test, name, folder, speed=speed, progress=progress, substrate=substrate, workload=used
        ) as testbed,
    ):
        first = testbed.replicate("nominal", seconds=jobs / demand.per_hour * 3600)
        service = first.counting(test.ended_well).service() * speed
        expected = carries(testbed.row.processes[test.worker], service, limit) * 3600 if len(service) else 0.0
        if not expected:
            _refuse_invalid(testbed)
            typer.echo(f"a {test.noun} alone takes longer than {limit:g} s", err=True)
            raise typer.Exit(Exit.VIOLATED)

        def measure(rate: float) -> float:
            one = testbed.replicate("nominal", seconds=jobs / rate * 3600, rate=rate, seed=round(rate))
            return time_to_end(one.counting(test.ended_well), SHARE) * speed

        found = highest_rate(measure, expected, limit)
        testbed.run(CLIENT).write(folder / name)
        _refuse_invalid(testbed)
    console = show.console()
    for point in found.points:
        console.print(f"{point.rate:8.0f} {test.nouns} an hour   p95 {point.value:7.1f} s")
    bound = "" if found.bounded else " at the edge of what was measured"
    console.print(f"{name} carries {found.rate:.0f} {test.nouns} an hour{bound} (the model: {expected:.0f})")
    console.print(test.assumption)
    raise typer.Exit(Exit.HOLDS if found.bounded else Exit.UNKNOWN)


def _refuse_invalid(testbed: "Testbed") -> None:
    """Say why, and end the command, where the machine or the generator was the limit and not the row."""
    test = testbed.test
    found = judge(testbed.run(CLIENT), test.traffic.demands.tiers[testbed.tier], test).of("valid")
    for sentence in found.sentences:
        if sentence.grade is Grade.INVALID:
            typer.echo(f"invalid: {sentence.about}: {sentence.said}", err=True)
    if found.grade is Grade.INVALID:
        raise typer.Exit(Exit.INVALID)
