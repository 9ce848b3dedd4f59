"""The substrate with servers in containers, as anybody runs them, and roles as processes of the real entrypoint."""

from typing import Self

from harness.engine.claim import Claim
from harness.progress import Progress, silence
from harness.run import Run
from harness.spec import StackSpec
from harness.substrates.host import Host
from harness.substrates.in_containers import InContainers
from harness.substrates.places import Place
from harness.substrates.share import Share
from harness.substrates.substrate import Capability
from harness.warm_parent import WarmParent


class Containers(InContainers, Host):
    """See Substrate."""

    name = "containers"
    capabilities = InContainers.capabilities | {Capability.PIDS}

    @classmethod
    def start(
        cls,
        run: Run,
        spec: StackSpec,
        *,
        warm: WarmParent | None = None,
        share: Share | None = None,
        progress: Progress = silence,
    ) -> Self:
        """See Substrate."""
        made = super().start(run, spec, warm=warm, share=share, progress=progress)
        if share is None:
            made.claim = Claim.make(run, made.supervisor)
        return made

    def reach(self, place: Place) -> str:
        """See InContainers."""
        return place.outside
