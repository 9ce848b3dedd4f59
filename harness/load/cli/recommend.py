"""`recommend`: what to set for a load."""

from pathlib import Path
from typing import Annotated

import typer

from harness.base.exits import Exit
from harness.load import show
from harness.load.capacity import cost_at
from harness.load.checks.thresholds import time_to_end
from harness.load.cli.options import FromTable, all_recorded, declared_in, new_folder, read_runs, recorded
from harness.load.declaration import LoadTest
from harness.load.judgement import Grade
from harness.load.model import UnstableError
from harness.load.recommendation import Goal
from harness.load.recommendation import recommend as find
from harness.load.record import Run
from harness.load.verdict import judge

CONFIRMING_JOBS = 300


def recommend(
    context: typer.Context,
    target: Annotated[str, typer.Option("--target", help="Such as 1200/h.")],
    slo: Annotated[str, typer.Option("--slo", help="Such as 'p95(time_to_{noun})<60s'.")],
    cost: Annotated[bool, typer.Option("--cost", help="What 1,000 {nouns} cost at that load.")] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help="Run it, and see.")] = False,
    record: Annotated[
        Path | None, typer.Option("--from", help="A recorded run; by default the newest with a steady load.")
    ] = None,
    table: FromTable = None,
) -> None:
    """Recommend the concurrency for a load, from measurements. Refuses where the model does not explain these."""
    test = declared_in(context, table)
    try:
        goal = Goal.parse(target, slo, test.noun)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    run = _newest_steady(record, test)
    demand = test.traffic.demands.tiers[run.tier]
    verdict = judge(run, demand, test)
    refused = _refusal(run, verdict.of("valid").grade, verdict.of("model_fit").grade)
    if refused:
        typer.echo(refused, err=True)
        raise typer.Exit(Exit.INVALID)
    try:
        found = find(run, demand, goal, test)
    except (UnstableError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.VIOLATED) from None
    out = show.console()
    variables = found.variables(test)
    for name, value in variables.items():
        out.print(f"{name}={value}")
    out.print(f"carries {found.carries:.0f} {test.nouns} an hour; {found.binds} is the first to be too small")
    out.print(
        f"from the service times of {len(run.service())} {test.nouns} at tier {run.tier}. {test.assumption}"
    )
    if cost and (dollars := cost_at(run, goal.per_hour, found.processes, test)) is not None:
        out.print(
            f"{dollars:.2f} US dollars for 1,000 {test.nouns}, with these settings at {goal.per_hour:g} an hour"
        )
    if confirm:
        raise typer.Exit(_confirm(test, run, goal, variables))


def _newest_steady(record: Path | None, test: LoadTest) -> Run:
    """The newest run with a steady load; those without one are skipped, and named.

    Args:
        record: the folder that it lies in; None for all that were recorded.
        test: whose run.

    Raises:
        typer.BadParameter: nothing was recorded.
        typer.Exit: there is none among what was.
    """
    folders = recorded(record, test) if record else all_recorded(test)
    for folder in reversed(folders):
        (run,) = read_runs([folder], test)
        if run.steady() and not run.interrupted:
            return run
        why = "was interrupted" if run.interrupted else f"has no steady load ({run.depth} check)"
        typer.echo(f"skipped: {folder} {why}", err=True)
    said = (
        f"no whole run with a steady load was recorded: run `{test.command} check --tier NAME` first (a quick check has none), "
        f"or ask `{test.command} plan`, which measures nothing"
    )
    if not folders:
        raise typer.BadParameter(said)
    typer.echo(f"{said}. The model was not held against any: nothing can be recommended", err=True)
    raise typer.Exit(Exit.INVALID)


def _refusal(run: Run, valid: Grade, model: Grade) -> str:
    if valid is Grade.INVALID:
        return f"the run at tier {run.tier} is invalid: nothing can be recommended from it"
    if model is Grade.FAIL:
        return f"the model does not explain the run at tier {run.tier}: nothing can be recommended from it"
    if model is not Grade.PASS:
        return (
            f"the model was not held against the run at tier {run.tier}, which takes a steady load on a stack of our own: "
            "nothing can be recommended from it"
        )
    return ""


def _confirm(test: LoadTest, run: Run, goal: Goal, variables: dict[str, str]) -> Exit:
    """Measure the recommended settings at the wanted load."""
    from harness.load.testbed import Testbed

    with show.progress() as progress:
        testbed = Testbed(
            test,
            run.tier,
            new_folder("confirm", test),
            speed=run.speed,
            progress=progress,
            env=variables,
            workload=run.workload,
        )
        with testbed:
            seconds = CONFIRMING_JOBS / goal.per_hour * 3600
            one = testbed.replicate("nominal", seconds=seconds, rate=goal.per_hour, seed=99)
    reached = time_to_end(one.counting(test.ended_well), goal.share) * run.speed
    held = reached <= goal.seconds
    said = "confirmed" if held else "not confirmed"
    typer.echo(
        f"{said}: p{goal.share * 100:g} {reached:.1f} s at {goal.per_hour:g} an hour, {len(one.judged)} {test.nouns}"
    )
    return Exit.HOLDS if held else Exit.VIOLATED
