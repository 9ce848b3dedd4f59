"""What a substrate is started with."""

from dataclasses import dataclass

from harness.application import App
from harness.base.progress import Progress, silence
from harness.base.run import Run
from harness.nodes.fork_server_client import ForkServerClient
from harness.substrates.share import Share
from harness.substrates.spec import StackSpec


@dataclass(frozen=True, slots=True)
class Start:
    """Everything that decides how one stack is started.

    Args:
        app: whose stack it is.
        run: whose folders are used.
        spec: what is wanted.
        fork_server: where Python programs are to be forked from, instead of starting new interpreters.
        share: its part of the servers that several stacks use; None where it has servers of its own.
        progress: told what takes long: to fetch an image, to make one.
    """

    app: App
    run: Run
    spec: StackSpec
    fork_server: ForkServerClient | None = None
    share: Share | None = None
    progress: Progress = silence
