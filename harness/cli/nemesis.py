"""`harness nemesis`: random faults under load."""

import secrets
import sys
from contextlib import ExitStack
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import OnSubstrate, Tier, application

if TYPE_CHECKING:
    from harness.application import App
    from harness.base.progress import Progress
    from harness.experiments.nemesis.summary import Summary
    from harness.substrates.spec import StackSpec

SEEDS = 1_000_000
SHOWN_ARRIVALS = 5


def nemesis(
    seed: Annotated[
        int | None, typer.Option(help="Seed of the schedule of faults; a fresh one by default.")
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.2, help="Minutes during which faults are injected.")] = 1.0,
    tier: Tier = "",
    substrate: OnSubstrate = "embedded",
    rare: Annotated[
        bool,
        typer.Option(
            "--rare", help="A rare state that was never reached makes the run unknown; for long runs."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the schedule.")] = False,
) -> None:
    """Inject random faults into a new stack while clients come and go, heal it, and judge that nothing was lost or doubled.

    For example: harness nemesis --minutes 10 --seed 7

    Exits 1 if a check is violated, else 3 if one is unknown, which is never a pass.
    """
    from rich.console import Console

    from harness.base.exits import Exit
    from harness.evidence.checks.finding import exit_of
    from harness.experiments.nemesis.schedule import arrivals, windows
    from harness.experiments.nemesis.settings import nemesis_of
    from harness.experiments.nemesis.wound import Deck
    from harness.substrates.choice import spec_on

    app = application()
    declared = nemesis_of(app)
    tier = tier or declared.tier or [*app.tiers][-1]
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    told = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    told.print(f"seed {seed}: harness nemesis --seed {seed} --minutes {minutes:g}")
    if dry_run:
        for window in windows(seed, minutes, Deck.of(app, declared.cuts)):
            typer.echo(str(window))
        for arrival, _ in zip(arrivals(seed), range(SHOWN_ARRIVALS), strict=False):
            typer.echo(f"{arrival.at:6.1f} s, {app.works[0].name} {arrival.number}")
        typer.echo("and so on")
        return
    summary = _play(app, seed, minutes, spec_on(tier, substrate, app), told.print, rare=rare)
    _show(summary, f"{app.works[0].name}s")
    if not summary.held:
        ended = exit_of(summary.outcomes)
        raise typer.Exit(Exit.VIOLATED if ended is Exit.HOLDS else ended)


def _play(
    app: "App", seed: int, minutes: float, spec: "StackSpec", progress: "Progress", *, rare: bool
) -> "Summary":
    """Play it. Roles are forked where possible: a role that is killed every few seconds must be back soon."""
    from harness.experiments.nemesis.campaign import Campaign
    from harness.experiments.nemesis.settings import nemesis_of
    from harness.nodes.fork_server_client import ForkServerClient
    from harness.stack.stack import Stack

    spec = replace(spec, env=nemesis_of(app).env, own_servers=True)
    with ExitStack() as running:
        forking = sys.platform == "linux" and any(role.forked for role in app.roles.values())
        parent = (
            running.enter_context(ForkServerClient(app.libraries, app.read_at_import)) if forking else None
        )
        stack = running.enter_context(Stack(spec, "nemesis", progress, fork_server=parent, app=app))
        campaign = Campaign(stack, seed, minutes, progress, rare=rare)
        running.callback(campaign.close)
        return campaign.play()


def _show(summary: "Summary", works: str) -> None:
    """Show a person the result; the steps were shown before."""
    from harness.experiments.nemesis.summary import lacking

    seconds = "{} s".format
    lines = {
        "accepted": f"{summary.accepted} {works}, {', '.join(f'{n} {end}' for end, n in sorted(summary.ends.items()))}",
        "without a 202": f"{summary.gave_up} clients",
        "fault windows": summary.windows,
        "more than one attempt": f"{summary.more_than_one_attempt} {works}",
        "lost": "unknown" if summary.lost is None else summary.lost,
        "doubled": "unknown" if summary.doubled is None else summary.doubled,
        "drained": "no"
        if summary.drain_seconds is None
        else f"{seconds(summary.drain_seconds)} after the last heal",
        "worst recovery": seconds(summary.worst_recovery),
        "POST p99": f"{summary.post_p99} ms",
        "worst /health": f"{summary.health_worst} ms",
    }
    for name, value in lines.items():
        typer.echo(f"{name:<22} {value}")
    typer.echo("faults")
    for fault in sorted(summary.faults, key=lambda fault: (fault["target"], fault["name"])):
        worst = fault["worst_recovery"]
        recovery = "" if worst is None else f", recovered within {worst} s"
        typer.echo(f"  {fault['times']:>3} times  {fault['name']} of {fault['target']}{recovery}")
    if summary.reached:
        typer.echo("rare states")
    for name, times in summary.reached.items():
        typer.echo(f"  {times:>3} times  {name}" if times else f"      never  {name}")
    typer.echo("checks")
    for name, outcome in summary.checks.items():
        typer.echo(f"  {outcome:<9} {name}")
    for sentence in lacking(asdict(summary)):
        typer.echo(f"not held: {sentence}")
    typer.echo(f"{'held' if summary.held else 'NOT HELD'}; judge it again: harness recheck {summary.run}")
