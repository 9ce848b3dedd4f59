"""The stacks of one test session: one that most scenarios share, and those of the scenarios that need another."""

from collections.abc import Callable

from harness.spec import StackSpec
from harness.stack import Stack
from harness.warm_parent import WarmParent


class Stacks:
    """Starts stacks when they are first needed.

    Args:
        shared: what most scenarios run on.
        label: for the runs' folders.
        running: a stack of that kind that runs already and shall be the shared one.
        forked: whether the other stacks are forked from a warm process. The shared one never is: most scenarios run on
            what the entrypoint itself has started.
    """

    def __init__(
        self, shared: StackSpec, label: str, running: Stack | None = None, *, forked: bool = False
    ) -> None:
        self.shared_spec = shared
        self._label = label
        self._shared = running
        self._forked = forked
        self._warm: WarmParent | None = None

    def take(self, spec: StackSpec) -> Stack:
        """A clean stack of that kind: the shared one, where it is what is wanted, else a new one."""
        if spec != self.shared_spec:
            return self._start(spec, self._warm_parent() if self._forked else None)
        if self._shared is None:
            self._shared = self._start(spec)
        return self._shared

    def give_back(self, stack: Stack, unclean: Callable[[BaseException], None]) -> None:
        """The scenario is over. The shared stack is made clean, or given up if that fails; another one is stopped.

        Args:
            stack: it ran on.
            unclean: told why the stack could not be made clean, as long as it still lives.

        Raises:
            TimeoutError: the shared stack could not be made clean.
        """
        if stack is not self._shared:
            stack.stop()
            return
        try:
            stack.reset()
        except BaseException as error:
            self._shared = None
            unclean(error)
            stack.stop()
            raise

    def leave(self, stack: Stack) -> None:
        """Let it run for a person to look at; a scenario that follows gets another one."""
        stack.detach()
        if stack is self._shared:
            self._shared = None

    def close(self) -> None:
        if self._shared is not None:
            self._shared.stop()
            self._shared = None
        if self._warm is not None:
            self._warm.close()
            self._warm = None

    def _warm_parent(self) -> WarmParent:
        """Started when it is first needed: it pays already for one stack."""
        if self._warm is None:
            self._warm = WarmParent()
        return self._warm

    def _start(self, spec: StackSpec, warm: WarmParent | None = None) -> Stack:
        stack = Stack(spec, self._label, warm=warm)
        stack.start()
        return stack
