"""The checks, in the order in which they run. A new check is a file and a line here."""

from collections.abc import Callable

from harness.load.checks.budgets import budgets
from harness.load.checks.counts import counts
from harness.load.checks.drain import drain
from harness.load.checks.model_fit import model_fit
from harness.load.checks.neighbour import neighbour
from harness.load.checks.objectives import objectives
from harness.load.checks.valid import valid
from harness.load.declaration import LoadTest
from harness.load.judgement import Sentence
from harness.load.locust.demands import Demand
from harness.load.record import Run

Check = Callable[[Run, Demand, LoadTest], list[Sentence]]
CHECKS: tuple[Check, ...] = (valid, counts, budgets, objectives, drain, model_fit, neighbour)
