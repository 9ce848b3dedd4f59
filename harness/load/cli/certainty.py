"""`certainty`: how often a check decides wrongly, simulated."""

from typing import Annotated

import numpy as np
import typer

from harness.base.exits import Exit
from harness.load import show
from harness.load.certainty import Design, decided
from harness.load.cli.options import (
    ALL,
    FromTable,
    OneOrAll,
    WithWorkload,
    declared_in,
    tiers_of,
    workload_of,
)
from harness.load.presets import PRESETS

MOST_WRONG = 0.05
SERVICE_SAMPLES = 20_000


def certainty(
    context: typer.Context,
    tier: OneOrAll = ALL,
    checks: Annotated[int, typer.Option("--checks", min=20, help="Simulated ones of each kind.")] = 200,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the simulation.")] = 1,
    workload: WithWorkload = "",
    table: FromTable = None,
) -> None:
    """Simulate checks whose truth is known: at the limit, how many pass; a tenth below it, how many fail. Exits 1 above 5 %."""
    test = declared_in(context, table)
    used = workload_of(workload, PRESETS["standard"].workload, test)
    out, wrong = show.console(), False
    for name in tiers_of(tier, test):
        demand, slots = test.traffic.demands.tiers[name], test.rows()[name].processes[test.worker]
        work = test.traffic.demands.workloads[used]
        service = test.service(work, np.random.default_rng(seed), SERVICE_SAMPLES)
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
