"""`certainty`: how often a check decides wrongly, simulated."""

import math
from typing import Annotated

import numpy as np
import typer

from harness.base.exits import Exit
from harness.load import show
from harness.load.certainty import Design, decided
from harness.load.cli.options import ALL, OneOrAll, declared_in, tiers_of
from harness.load.presets import PRESETS

MOST_WRONG = 0.05
SERVICE_SAMPLES = 20_000


def certainty(
    context: typer.Context,
    tier: OneOrAll = ALL,
    checks: Annotated[int, typer.Option("--checks", min=20, help="Simulated ones of each kind.")] = 200,
    seed: Annotated[int, typer.Option("--seed", help="Of the simulation.")] = 1,
) -> None:
    """Simulate checks whose truth is known: at the limit, how many pass; a tenth below it, how many fail. Exits 1 above 5 %."""
    test = declared_in(context)
    out, wrong = show.console(), False
    for name in tiers_of(tier, test):
        demand, slots = test.traffic.demands.tiers[name], test.rows()[name].processes[test.worker]
        work = test.traffic.demands.workload
        chance = np.random.default_rng(seed)
        calls = chance.lognormal(
            math.log(work.call_median_seconds), work.call_sigma, (SERVICE_SAMPLES, round(work.calls))
        )
        # As the application does it: two calls one after the other, then the others beside each other.
        service = calls[:, :2].sum(axis=1) + calls[:, 2:].max(axis=1, initial=0)
        for kind, together in (("stack", False), ("client", True)):
            design = Design(
                service=service,
                rate=demand.per_hour / 3600,
                slots=slots,
                jobs=PRESETS["standard"].jobs,
                replicates=PRESETS["standard"].replicates,
                together=together,
            )
            found = decided(design, checks, seed)
            wrong |= max(found.passed_at_the_limit, found.failed_below_it) > MOST_WRONG
            out.print(
                f"{name:10} {kind:7} {design.replicates} of {design.jobs}, {checks} checks: wrong pass "
                f"{found.passed_at_the_limit:.1%}, wrong fail {found.failed_below_it:.1%}"
            )
    raise typer.Exit(Exit.VIOLATED if wrong else Exit.HOLDS)
