"""The arguments for the start of a substrate."""

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
        spec: the wanted stack.
        fork_server: forks Python programs; without it, each starts in a new interpreter.
        share: its part of the servers that several stacks use; None where it has servers of its own.
        progress: told of slow steps: to fetch an image, to make one.
    """

    app: App
    run: Run
    spec: StackSpec
    fork_server: ForkServerClient | None = None
    share: Share | None = None
    progress: Progress = silence
