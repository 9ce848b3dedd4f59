"""The checks, in the order in which they are asked. A new one is a file and a line here."""

from collections.abc import Callable

from loadtests.checks.budgets import budgets
from loadtests.checks.counts import counts
from loadtests.checks.drain import drain
from loadtests.checks.model_fit import model_fit
from loadtests.checks.neighbour import neighbour
from loadtests.checks.objectives import objectives
from loadtests.checks.valid import valid
from loadtests.finding import Finding
from loadtests.seen import Run
from loadtests.tiers import Demand

Check = Callable[[Run, Demand], list[Finding]]
CHECKS: tuple[Check, ...] = (valid, counts, budgets, objectives, drain, model_fit, neighbour)
