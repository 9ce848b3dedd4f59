"""The substrate with servers in ordinary containers, and roles as processes of the real entrypoint."""

from concurrent.futures import ThreadPoolExecutor
from typing import Self

from harness.substrates.engine.claim import Claim
from harness.substrates.host import Host
from harness.substrates.in_containers import InContainers, own_part, shared_part
from harness.substrates.places import Place
from harness.substrates.start import Start
from harness.substrates.substrate import Capability, supervise


class Containers(InContainers, Host):
    """See Substrate."""

    name = "containers"
    capabilities = InContainers.capabilities | {Capability.PIDS}

    @classmethod
    def start(cls, start: Start) -> Self:
        """See Substrate."""
        if start.share is not None:
            made = super().start(start)
            made.part = shared_part(start, start.share)
            if start.app.servers:  # servers that no other stack shares
                made.claim = Claim.make(start.run, made.supervisor)
            return made
        supervisor = supervise(start.run, start.fork_server)
        claim = Claim.make(start.run, supervisor)
        with ThreadPoolExecutor() as pool:
            preparing = pool.submit(own_part, start, claim)  # at the same time the proxy starts
            made = cls.under(start, supervisor)
            made.claim = claim
            made.part, made.own_servers = preparing.result()
        return made

    def reach(self, place: Place) -> str:
        """See InContainers."""
        return place.outside
