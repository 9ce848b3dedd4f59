"""What every fault on a member has in common: its name."""

from dataclasses import dataclass

from harness.system.faults.fault import Fault


@dataclass
class NodeFault(Fault):
    """A fault on one member.

    Args:
        node: its name.
    """

    node: str

    @property
    def target(self) -> str:
        """See Fault."""
        return self.node
