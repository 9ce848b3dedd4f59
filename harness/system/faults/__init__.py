"""The faults that can be injected into a stack. A new fault is a file and a line here."""

from harness.system.faults.aged import Aged
from harness.system.faults.deployed import Deployed
from harness.system.faults.disconnected import Disconnected
from harness.system.faults.dropped import Dropped
from harness.system.faults.fault import Fault
from harness.system.faults.flushed import Flushed
from harness.system.faults.frozen import Frozen
from harness.system.faults.full import Full
from harness.system.faults.half_open import HalfOpen, Way
from harness.system.faults.killed import Killed, KillMethod
from harness.system.faults.narrow import Narrow
from harness.system.faults.read_only import ReadOnly
from harness.system.faults.refused import Refused
from harness.system.faults.reset import Reset
from harness.system.faults.restarted import Restarted
from harness.system.faults.slow import Slow
from harness.system.faults.stalled import Stalled

ON_NODES: tuple[type[Fault], ...] = (Killed, Frozen, Deployed, Restarted, Disconnected)
ON_REDIS: tuple[type[Fault], ...] = (Flushed, Full, ReadOnly)
ON_LINKS: tuple[type[Fault], ...] = (Refused, Reset, Stalled, HalfOpen, Slow, Narrow, Dropped)
FAULTS = ON_NODES + ON_REDIS + ON_LINKS
BY_HAND: tuple[type[Fault], ...] = (Aged,)  # shows its effect only in another worker, so no nemesis uses it

__all__ = [
    "BY_HAND",
    "FAULTS",
    "ON_LINKS",
    "ON_NODES",
    "ON_REDIS",
    "Aged",
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
