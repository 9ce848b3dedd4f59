"""The stacks of one test session: one that most scenarios share, and others for scenarios that need another stack.

A stack that a few scenarios share is kept until another such stack is needed: a machine has room for the session's stack and
one more.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from harness.application import current
from harness.base.progress import Progress, silence
from harness.nodes.fork_server_client import ForkServerClient
from harness.stack.running import Running
from harness.stack.stack import Stack
from harness.substrates.choice import substrate
from harness.substrates.share import Share
from harness.substrates.spec import StackSpec
from harness.substrates.versions import Versions


class Stacks:
    """Starts stacks when they are first needed.

    Args:
        shared: the stack that most scenarios run on, for each of the servers' versions.
        label: for the runs' folders.
        running: a running stack of that kind, which becomes the shared one.
        door: door of the servers that the stacks share; empty where they share none.
        forked: whether the other stacks are forked from a warm process. The session's stack never is: most scenarios run on
            programs that the entrypoint itself has started.
        progress: a context around each start, which shows its steps.
    """

    def __init__(
        self,
        shared: Sequence[StackSpec],
        label: str,
        running: Running | None = None,
        door: str = "",
        *,
        forked: bool = False,
        progress: Callable[[], AbstractContextManager[Progress]] = lambda: nullcontext(silence),
    ) -> None:
        self._shareable = shared
        self._label = label
        self._shared: list[Running] = [running] if running else []
        self._door = door
        self._forked = forked
        self._progress = progress
        self._fork_server: ForkServerClient | None = None

    def take(self, spec: StackSpec) -> Running:
        """A clean stack of that kind: a shared one where it fits, else a new one."""
        if running := next((stack for stack in self._shared if stack.spec == spec), None):
            return running
        if spec.shared:
            self._end_shared_by_few()
        usual = spec in self._shareable
        forked = self._forked and not spec.spawned and not usual
        stack = self._start(spec, self._forking() if forked else None)
        if usual or spec.shared:
            self._shared.append(stack)
        return stack

    def _end_shared_by_few(self) -> None:
        for stack in [stack for stack in self._shared if stack.spec.shared]:
            self._shared.remove(stack)
            stack.stop()

    def give_back(self, stack: Running, unclean: Callable[[BaseException], None]) -> None:
        """Give a stack back after the scenario. A shared stack is cleaned, or given up if that fails; any other stack is stopped.

        Args:
            stack: it ran on.
            unclean: told why the stack could not be cleaned, while the stack still lives.

        Raises:
            TimeoutError: a shared stack could not be cleaned.
        """
        if stack not in self._shared:
            stack.stop()
            return
        try:
            stack.reset()
        except BaseException as error:
            self._give_up(stack)
            unclean(error)
            stack.stop()
            raise

    def leave(self, stack: Running) -> None:
        """Let it run for a person to look at; a scenario that follows gets another one."""
        stack.detach()
        if stack in self._shared:
            self._give_up(stack)

    def _give_up(self, stack: Running) -> None:
        """Stop sharing it; a deployment that we cannot start is used again."""
        self._shared.remove(stack)
        other = stack.another()
        self._shared += [other] if other else []

    def close(self) -> None:
        while self._shared:
            self._shared.pop().stop()
        if self._fork_server is not None:
            self._fork_server.close()
            self._fork_server = None

    def _forking(self) -> ForkServerClient:
        """The fork server, started when it is first needed: it saves time even for one stack."""
        if self._fork_server is None:
            app = current()
            self._fork_server = ForkServerClient(app.libraries, app.read_at_import)
        return self._fork_server

    def _start(self, spec: StackSpec, fork_server: ForkServerClient | None = None) -> Stack:
        with self._progress() as progress:
            stack = Stack(spec, self._label, progress, fork_server=fork_server, share=self._share(spec))
            stack.start()
        return stack

    def _share(self, spec: StackSpec) -> Share | None:
        """A part of the session's servers, unless the stack needs its own."""
        kind = substrate(spec.substrate)
        if not self._door or not kind.needs_engine or spec.own_servers:
            return None
        network = not kind.roles_are_local
        return Share.take(self._door, Versions(spec.postgres, spec.redis), network=network)
