"""The stacks of one test session: one that most scenarios share, and those of the scenarios that need another."""

from collections.abc import Callable, Sequence

from harness.spec import StackSpec
from harness.stack import Stack
from harness.substrates import substrate
from harness.substrates.share import Share
from harness.substrates.versions import Versions
from harness.warm_parent import WarmParent


class Stacks:
    """Starts stacks when they are first needed.

    Args:
        shared: what most scenarios run on, for each of the servers' versions.
        label: for the runs' folders.
        running: a stack of that kind that runs already and shall be the shared one.
        door: of who owns the servers that the stacks share, where there is somebody.
        forked: whether the other stacks are forked from a warm process. The shared one never is: most scenarios run on
            what the entrypoint itself has started.
    """

    def __init__(
        self,
        shared: Sequence[StackSpec],
        label: str,
        running: Stack | None = None,
        door: str = "",
        *,
        forked: bool = False,
    ) -> None:
        self._shareable = shared
        self._label = label
        self._shared = [running] if running else []
        self._door = door
        self._forked = forked
        self._warm: WarmParent | None = None

    def take(self, spec: StackSpec) -> Stack:
        """A clean stack of that kind: the shared one, where it is what is wanted, else a new one."""
        if spec not in self._shareable:
            return self._start(spec, self._warm_parent() if self._forked and not spec.spawned else None)
        running = next((stack for stack in self._shared if stack.spec == spec), None)
        if running is None:
            running = self._start(spec)
            self._shared.append(running)
        return running

    def give_back(self, stack: Stack, unclean: Callable[[BaseException], None]) -> None:
        """The scenario is over. The shared stack is made clean, or given up if that fails; another one is stopped.

        Args:
            stack: it ran on.
            unclean: told why the stack could not be made clean, as long as it still lives.

        Raises:
            TimeoutError: the shared stack could not be made clean.
        """
        if stack not in self._shared:
            stack.stop()
            return
        try:
            stack.reset()
        except BaseException as error:
            self._shared.remove(stack)
            unclean(error)
            stack.stop()
            raise

    def leave(self, stack: Stack) -> None:
        """Let it run for a person to look at; a scenario that follows gets another one."""
        stack.detach()
        if stack in self._shared:
            self._shared.remove(stack)

    def close(self) -> None:
        while self._shared:
            self._shared.pop().stop()
        if self._warm is not None:
            self._warm.close()
            self._warm = None

    def _warm_parent(self) -> WarmParent:
        """Started when it is first needed: it pays already for one stack."""
        if self._warm is None:
            self._warm = WarmParent()
        return self._warm

    def _start(self, spec: StackSpec, warm: WarmParent | None = None) -> Stack:
        stack = Stack(spec, self._label, warm=warm, share=self._share(spec))
        stack.start()
        return stack

    def _share(self, spec: StackSpec) -> Share | None:
        """A part of the session's servers, unless the stack is to have its own."""
        kind = substrate(spec.substrate)
        if not self._door or not kind.needs_engine or spec.own_servers:
            return None
        network = not kind.on_this_machine
        return Share.take(self._door, Versions(spec.postgres, spec.redis), network=network)
