"""The judges. A new one is a file and a line here."""

from collections.abc import Callable

from harness.checks.drained import drained
from harness.checks.events_stored import events_stored
from harness.checks.finding import Finding, Outcome
from harness.checks.no_secret import no_secret
from harness.checks.one_end import one_end
from harness.checks.provider_calls import provider_calls
from harness.checks.usage import usage
from harness.evidence import Evidence

Check = Callable[[Evidence], Finding]
CHECKS: tuple[Check, ...] = (one_end, events_stored, provider_calls, usage, drained, no_secret)

__all__ = ["CHECKS", "Check", "Finding", "Outcome"]
