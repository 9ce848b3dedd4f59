"""The substrate with servers in containers, as anybody runs them, and roles as processes of the real entrypoint."""

from typing import Self

from harness.engine.claim import Claim
from harness.substrates.host import Host
from harness.substrates.in_containers import InContainers, own_part, shared_part
from harness.substrates.places import Place
from harness.substrates.start import Start
from harness.substrates.substrate import Capability


class Containers(InContainers, Host):
    """See Substrate."""

    name = "containers"
    capabilities = InContainers.capabilities | {Capability.PIDS}

    @classmethod
    def start(cls, start: Start) -> Self:
        """See Substrate."""
        made = super().start(start)
        if start.share is None:
            made.claim = Claim.make(start.run, made.supervisor)
            made.part, made.own_servers = own_part(start, made.claim)
        else:
            made.part = shared_part(start, start.share)
        return made

    def reach(self, place: Place) -> str:
        """See InContainers."""
        return place.outside
