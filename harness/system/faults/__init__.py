"""What can be done to a stack. A new fault is a file and a line here."""

from harness.faults.deployed import Deployed
from harness.faults.disconnected import Disconnected
from harness.faults.dropped import Dropped
from harness.faults.fault import Fault
from harness.faults.flushed import Flushed
from harness.faults.frozen import Frozen
from harness.faults.full import Full
from harness.faults.half_open import HalfOpen, Way
from harness.faults.killed import Killed, KillMethod
from harness.faults.narrow import Narrow
from harness.faults.read_only import ReadOnly
from harness.faults.refused import Refused
from harness.faults.reset import Reset
from harness.faults.restarted import Restarted
from harness.faults.slow import Slow
from harness.faults.stalled import Stalled

ON_NODES: tuple[type[Fault], ...] = (Killed, Frozen, Deployed, Restarted, Disconnected)
ON_REDIS: tuple[type[Fault], ...] = (Flushed, Full, ReadOnly)
ON_LINKS: tuple[type[Fault], ...] = (Refused, Reset, Stalled, HalfOpen, Slow, Narrow, Dropped)
FAULTS = ON_NODES + ON_REDIS + ON_LINKS

__all__ = [
    "FAULTS",
    "ON_LINKS",
    "ON_NODES",
    "ON_REDIS",
    "Deployed",
    "Disconnected",
    "Dropped",
    "Fault",
    "Flushed",
    "Frozen",
    "Full",
    "HalfOpen",
    "KillMethod",
    "Killed",
    "Narrow",
    "ReadOnly",
    "Refused",
    "Reset",
    "Restarted",
    "Slow",
    "Stalled",
    "Way",
]
