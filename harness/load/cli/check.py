"""`check`, and its two short forms `counts` and `budget`: does a row of the table hold?"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from harness.base.exits import Exit
from harness.base.wait import WaitTimeoutError
from harness.cli.options import Substrate
from harness.load import reports, show
from harness.load.across_tiers import across_tiers
from harness.load.cli.options import OneOrAll, OnSubstrate, OutTo, new_folder, tiers_of
from harness.load.generator_client import GeneratorError
from harness.load.judgement import worst
from harness.load.locust.demands import Demands
from harness.load.mutants import MUTANTS, Mutant
from harness.load.presets import PRESETS, Preset
from harness.load.record import Run
from harness.load.remote import remote_run
from harness.load.testbed import Testbed
from harness.load.verdict import CODES, Verdict, exit_of, judge

SMALL_BURST = 20


def check(
    tier: OneOrAll = "all",
    quick: Annotated[bool, typer.Option("--quick", help="Counts, budgets, drain and scaling only.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Five replicates of 1,000 roadmaps.")] = False,
    url: Annotated[str, typer.Option("--url", help="Of a deployment, instead of a stack of our own.")] = "",
    provider: Annotated[str, typer.Option("--provider", help="Address of its scripted provider.")] = "",
    allow_paid: Annotated[
        bool, typer.Option("--allow-paid", help="Its provider is real, and I pay.")
    ] = False,
    mutant: Annotated[str, typer.Option("--mutant", help=f"A fault on purpose: {', '.join(MUTANTS)}.")] = "",
    substrate: OnSubstrate = Substrate.EMBEDDED,
    out: OutTo = None,
) -> None:
    """Judge rows of the concurrency table. Exits 0 pass, 1 fail, 2 usage or crash, 3 inconclusive, 4 invalid run."""
    if quick and full:
        raise typer.BadParameter("--quick and --full exclude each other")
    if mutant and mutant not in MUTANTS:
        raise typer.BadParameter(f"there is no mutant {mutant!r}; there are {', '.join(MUTANTS)}")
    depth = PRESETS["quick" if quick else "full" if full else "standard"]
    folder = out or new_folder(f"check-{depth.name}")
    names = tiers_of(tier)

    def one(name: str, progress: Callable[[str], None]) -> Run:
        if url:
            return remote_run(name, folder, url, provider, allow_paid=allow_paid, depth=depth)
        return local_run(name, folder, depth, progress, substrate=substrate, mutant=MUTANTS.get(mutant))

    _finish([_measured(name, folder, one) for name in names], folder)


def counts(tier: OneOrAll = "all", substrate: OnSubstrate = Substrate.EMBEDDED, out: OutTo = None) -> None:
    """Count what lives of each role, and hold the declared connections against PostgreSQL's: no load at all."""
    folder = out or new_folder("counts")
    _short(tier, folder, 0, ("counts", "budgets"), substrate)


def budget(tier: OneOrAll = "all", substrate: OnSubstrate = Substrate.EMBEDDED, out: OutTo = None) -> None:
    """Measure connections and memory under a small burst, and hold them against the row's budget."""
    folder = out or new_folder("budget")
    _short(tier, folder, SMALL_BURST, ("counts", "budgets"), substrate)


def local_run(
    name: str,
    folder: Path,
    depth: Preset,
    progress: Callable[[str], None],
    *,
    substrate: Substrate = Substrate.EMBEDDED,
    mutant: Mutant | None = None,
) -> Run:
    """A stack of our own, measured at some depth.

    Args:
        name: of the tier.
        folder: for the record.
        depth: of the check.
        progress: told what happens.
        substrate: where the stack lives.
        mutant: a fault on purpose.
    """
    demands = Demands.load()
    demand = demands.tiers[name]
    speed = depth.speed(demand, demands.workload)
    with Testbed(
        name, folder, demands.workload, speed=speed, progress=progress, substrate=substrate, mutant=mutant
    ) as stand:
        for _ in depth.play(stand, demand):
            pass
        return stand.run(depth.name)


def _measured(name: str, folder: Path, run: Callable[[str, Callable[[str], None]], Run]) -> Run:
    """One tier's run, written down; what cannot be measured ends the command in a sentence."""
    try:
        with show.progress() as progress:
            found = run(name, progress)
    except (WaitTimeoutError, GeneratorError) as error:
        typer.echo(f"{name}: {error}", err=True)
        raise typer.Exit(Exit.USAGE) from None
    found.write(folder / name)
    return found


def _short(tier: str, folder: Path, burst: int, checks: tuple[str, ...], substrate: Substrate) -> None:
    demands = Demands.load()

    def one(name: str, progress: Callable[[str], None]) -> Run:
        depth = Preset(name="quick", replicates=0, jobs=0, burst=burst)
        with Testbed(
            name, folder, demands.workload, speed=depth.speed(demands.tiers[name], demands.workload), progress=progress,
            substrate=substrate,
        ) as stand:  # fmt: skip
            for _ in depth.play(stand, demands.tiers[name]) if burst else ():
                pass
            return stand.run("quick")

    runs = [_measured(name, folder, one) for name in tiers_of(tier)]
    found = [judge(run, demands.tiers[run.tier], demands.prices) for run in runs]
    only = [Verdict(tier=v.tier, judgements=tuple(v.of(check) for check in checks)) for v in found]
    show.show(only)
    raise typer.Exit(exit_of(only))


def _finish(runs: list[Run], folder: Path) -> None:
    demands = Demands.load()
    verdicts = [judge(run, demands.tiers[run.tier], demands.prices) for run in runs]
    between = across_tiers(runs, verdicts, [demands.tiers[run.tier] for run in runs])
    show.show(verdicts, between)
    written = reports.write(runs, verdicts, between, folder)
    typer.echo(f"report: {written}")
    grade = worst([*(v.grade for v in verdicts), *(j.grade for j in between)])
    raise typer.Exit(CODES[grade])
