"""`check`, and its two short forms `counts` and `budget`: does a row of the table hold?"""

import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.base.exits import BY_SIGNAL, Exit
from harness.base.github import in_actions
from harness.base.wait import WaitTimeoutError
from harness.load import machine, reports, show
from harness.load.across_tiers import across_tiers
from harness.load.cli.options import (
    ALL,
    FromTable,
    OneOrAll,
    OnSubstrate,
    OutTo,
    WithWorkload,
    declared_in,
    new_folder,
    tiers_of,
    workload_of,
)
from harness.load.declaration import LoadTest
from harness.load.generator_client import GeneratorError
from harness.load.judgement import worst
from harness.load.locust.demands import Demand
from harness.load.locust.payment import refusal_to_pay
from harness.load.mutants import Mutant
from harness.load.presets import PRESETS, SMALL, Preset
from harness.load.record import EMBEDDED, Run
from harness.load.remote import remote_run
from harness.load.verdict import CODES, Verdict, exit_of, judge

if TYPE_CHECKING:  # its libraries take seconds, and a mistake in an option none
    from harness.load.testbed import Testbed

SMALL_BURST = 20
SHORT = ("counts", "budgets")


class BusyMachineError(Exception):
    """Nothing can be measured on this machine now; says why."""


def check(
    context: typer.Context,
    tier: OneOrAll = "all",
    quick: Annotated[bool, typer.Option("--quick", help="Counts, budgets, drain and scaling only.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Five replicates of 1,000 {nouns}.")] = False,
    url: Annotated[
        str, typer.Option("--url", help="Address of a deployment to load, instead of a stack of our own.")
    ] = "",
    provider: Annotated[str, typer.Option("--provider", help="Address of its scripted provider.")] = "",
    allow_paid: Annotated[
        bool, typer.Option("--allow-paid", help="Its provider is real, and I pay.")
    ] = False,
    mutant: Annotated[str, typer.Option("--mutant", help="A fault on purpose: {mutants}.")] = "",
    workload: WithWorkload = "",
    replicates: Annotated[
        int,
        typer.Option(
            "--replicates", min=0, help="With the nominal load; 5 by default, which a verdict needs."
        ),
    ] = 0,
    seed: Annotated[
        int, typer.Option("--seed", min=1, help="Seed of the first run's arrivals and latencies.")
    ] = 1,
    substrate: OnSubstrate = EMBEDDED,
    out: OutTo = None,
    table: FromTable = None,
) -> None:
    """Judge rows of the concurrency table. Exits 0 pass, 1 fail, 2 usage or crash, 3 inconclusive, 4 invalid run."""
    if quick and full:
        raise typer.BadParameter("--quick and --full exclude each other")
    test = declared_in(context, table)
    known = [one.name for one in test.mutants]
    if mutant and mutant not in known:
        raise typer.BadParameter(f"there is no mutant {mutant!r}; there are {', '.join(known)}")
    preset = PRESETS["quick" if quick else "full" if full else "standard"]
    if url and tier == ALL:
        raise typer.BadParameter("one deployment is one row: give --tier with --url")
    names = tiers_of(tier, test)
    if replicates and not preset.replicates:
        raise typer.BadParameter("a quick check has a burst alone: --replicates has no meaning with --quick")
    used = workload_of(workload, preset.workload, test)
    preset = replace(preset, workload=used, replicates=replicates or preset.replicates, seed=seed)
    if url and (refused := refusal_to_pay(test.traffic, provider, allow_paid=allow_paid)):
        raise typer.BadParameter(refused)
    folder = out or new_folder(f"check-{preset.name}", test)
    fault = test.mutant(mutant) if mutant else None

    def one(name: str, progress: Callable[[str], None]) -> Run:
        if url:
            return remote_run(test, name, folder, url, provider, allow_paid=allow_paid, preset=preset)
        return local_run(test, name, folder, preset, progress, substrate=substrate, mutant=fault)

    _finish([_measured(name, folder, one) for name in names], test, folder)


def counts(
    context: typer.Context,
    tier: OneOrAll = "all",
    substrate: OnSubstrate = EMBEDDED,
    out: OutTo = None,
    table: FromTable = None,
) -> None:
    """Count the processes of each role, and compare the declared connections with PostgreSQL's limit, without any load."""
    _short(declared_in(context, table), "counts", tier, out, 0, substrate)


def budget(
    context: typer.Context,
    tier: OneOrAll = "all",
    substrate: OnSubstrate = EMBEDDED,
    out: OutTo = None,
    table: FromTable = None,
) -> None:
    """Measure connections and memory under a small burst, and compare them with the row's budget."""
    _short(declared_in(context, table), "budget", tier, out, SMALL_BURST, substrate)


def local_run(
    test: LoadTest,
    name: str,
    folder: Path,
    preset: Preset,
    progress: Callable[[str], None],
    *,
    substrate: str = EMBEDDED,
    mutant: Mutant | None = None,
) -> Run:
    """A stack of our own, measured at some depth.

    Args:
        test: of which application.
        name: of the tier.
        folder: for the record.
        preset: of the check.
        progress: told what happens.
        substrate: where the stack lives.
        mutant: a fault on purpose.

    Raises:
        BusyMachineError: the machine has no quiet moment.
    """
    from harness.load.testbed import Testbed

    demand = test.traffic.demands.tiers[name]
    speed = preset.speed(demand, test, preset.workload)
    slots = test.rows()[name].processes[test.worker]
    progress(f"{name}: {preset.says(demand, test, slots, machine.calibration_seconds())}")
    progress(f"{name}, first: waiting for a quiet moment")
    if not machine.quiet():
        raise BusyMachineError(
            f"this machine's speed changes by more than {machine.QUIET:.0%} from second to second, for {machine.QUIET_SECONDS:g} s: "
            "nothing can be measured on it now"
        )
    with Testbed(
        test,
        name,
        folder,
        speed=speed,
        progress=progress,
        substrate=substrate,
        mutant=mutant,
        workload=preset.workload,
    ) as testbed:
        return _played(testbed, preset, demand)


def _played(testbed: "Testbed", preset: Preset, demand: Demand) -> Run:
    """What a preset has shown; what it has shown so far, where somebody interrupts it."""
    try:
        for _ in preset.play(testbed, demand):
            pass
    except KeyboardInterrupt:
        return testbed.run(preset.name, interrupted=True)
    return testbed.run(preset.name)


def _measured(name: str, folder: Path, run: Callable[[str, Callable[[str], None]], Run]) -> Run:
    """Record one tier's run; if it cannot be measured, end the command with a sentence."""
    try:
        with show.progress() as progress:
            found = run(name, progress)
    except BusyMachineError as error:
        typer.echo(f"{name}: {error}", err=True)
        raise typer.Exit(Exit.INVALID) from None
    except (WaitTimeoutError, GeneratorError) as error:
        typer.echo(f"{name}: {error}", err=True)
        raise typer.Exit(Exit.USAGE) from None
    except KeyboardInterrupt:
        with suppress(OSError):
            folder.rmdir()  # where nothing is in it
        raise
    found.write(folder / name)
    if found.interrupted:
        typer.echo(
            f"{name}: interrupted; {len(found.replicates)} replicates are kept in {folder / name}, as an invalid run",
            err=True,
        )
        raise typer.Exit(BY_SIGNAL + signal.SIGINT)
    return found


def _short(test: LoadTest, what: str, tier: str, out: Path | None, burst: int, substrate: str) -> None:
    """Counts and budgets alone, after a burst or none."""
    demands, names = test.traffic.demands.tiers, tiers_of(tier, test)
    folder = out or new_folder(what, test)

    def one(name: str, progress: Callable[[str], None]) -> Run:
        from harness.load.testbed import Testbed

        workload = test.traffic.demands.named(SMALL)
        preset = Preset(name="quick", replicates=0, jobs=0, burst=burst, workload=workload)
        speed = preset.speed(demands[name], test, workload)
        with Testbed(
            test, name, folder, speed=speed, progress=progress, substrate=substrate, workload=workload
        ) as testbed:
            return _played(testbed, preset, demands[name]) if burst else testbed.run("quick")

    runs = [_measured(name, folder, one) for name in names]
    found = [judge(run, demands[run.tier], test) for run in runs]
    only = [Verdict(tier=v.tier, judgements=tuple(v.of(check) for check in SHORT)) for v in found]
    show.show(only, test)
    raise typer.Exit(exit_of(only))


def _finish(runs: list[Run], test: LoadTest, folder: Path) -> None:
    demands = [test.traffic.demands.tiers[run.tier] for run in runs]
    verdicts = [judge(run, demand, test) for run, demand in zip(runs, demands, strict=True)]
    between = across_tiers(runs, verdicts, demands, test)
    show.show(verdicts, test, between)
    written = reports.write(runs, verdicts, between, test, folder)
    typer.echo(f"report: {written}")
    if in_actions():
        for line in reports.annotations(verdicts, between, test):
            typer.echo(line)
    grade = worst([*(v.grade for v in verdicts), *(j.grade for j in between)])
    raise typer.Exit(CODES[grade])
