"""A scenario's faults: injected, held until they bite, healed, and timed until the system has recovered. All of it is recorded."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from harness.base.pace import TooSlowToTellError
from harness.base.wait import WaitTimeoutError, eventually
from harness.stack.stack import Stack
from harness.system.faults.fault import Fault

F = TypeVar("F", bound=Fault)
Probe = Callable[[], object]
BITES_SECONDS = 10.0
RECOVERY_SECONDS = 15.0  # for links, Redis and PostgreSQL, after they are healed
LEAVES_SECONDS = 5.0
NOTICES_SECONDS = 5.0  # a probe may get an answer that is cached for a while


class NeverBitError(AssertionError):
    """A fault left no trace: so the scenario proves nothing."""


class NotRecoveredError(AssertionError):
    """The system did not recover in time."""


class Faults:
    """Injects faults into one stack.

    Args:
        stack: the stack; its journal gets a `fault` for each phase: injected, bitten, healed, recovered.
        kinds: the known kinds of faults.
    """

    def __init__(self, stack: Stack, kinds: Sequence[type[Fault]] = ()) -> None:
        self._stack = stack
        self.kinds = tuple(kinds)
        self._numbers = itertools.count(1)

    @contextmanager
    def inject(
        self,
        fault: F,
        *,
        bites_within: float = BITES_SECONDS,
        recovered: Probe | None = None,
        within: float = RECOVERY_SECONDS,
        stays_well: bool = False,
        leaves: tuple[str, Probe] | None = None,
    ) -> Iterator[F]:
        """Inject a fault as long as the context lasts, and longer until the fault has bitten; then heal it.

        Args:
            fault: what goes wrong.
            bites_within: seconds after the context's end in which its trace must be there.
            recovered: truthy once the system has recovered.
            within: seconds after the heal in which it must recover.
            stays_well: whether `recovered` may be true during the fault, as where a fault heals by itself. Otherwise the fault is
                held until the probe is no longer true; a probe that is always true proves nothing and is judged so.
            leaves: effects that must show in the product after that, such as a redelivery, a fenced write, a sweep: a few words
                for each, and a probe that is truthy once it is there.

        Raises:
            NeverBitError: there is no trace of it. It is healed nevertheless.
            NotRecoveredError: the budget for recovery is used up.
            TooSlowToTellError: the budget is used up, but the machine is too slow to judge that.
        """
        record = self._recorder(fault.name, fault.target)
        with _healed_at_the_end(fault, self._stack, record):
            fault.inject(self._stack)
            record("injected", timed=recovered is not None, stays_well=stays_well)
            yield fault
            record("bitten", trace=_trace(fault, self._stack, bites_within))
            well = None if recovered is None or stays_well else _is_true_all_along(recovered)
        healed = time.monotonic()

        def recovery(phase: str, **facts: Any) -> None:
            took = round(time.monotonic() - healed, 3)
            record(phase, seconds=took, budget=within, was_well=well, **facts)

        if recovered is not None:
            try:
                eventually(
                    recovered,
                    timeout=within,
                    promised=True,
                    what=f"recovery from {fault.name} of {fault.target}",
                )
            except TooSlowToTellError as error:
                recovery("recovered", pace=error.slow)
                raise
            except WaitTimeoutError as error:
                recovery("not recovered")
                raise NotRecoveredError(str(error)) from error
            recovery("recovered")
        if leaves is not None:
            what, seen = leaves
            try:
                eventually(seen, timeout=LEAVES_SECONDS, what=what)
            except WaitTimeoutError as error:
                raise NeverBitError(f"{fault.name} of {fault.target} never bit: {error}") from error
            record("left", trace=what)

    def note(self, name: str, target: str, *, times: int, trace: str) -> None:
        """Record a fault that a scenario injects by other means: by the scripted provider, by a client's requests.

        Args:
            name: of it.
            target: what was hurt.
            times: how often.
            trace: what proves that it bit.

        Raises:
            NeverBitError: there is no trace, or it was never injected.
        """
        if not trace or times < 1:
            raise NeverBitError(f"{name} of {target} never bit")
        record = self._recorder(name, target)
        record("injected", times=times)
        record("bitten", trace=trace)
        record("healed")

    @contextmanager
    def by_hand(self, name: str, target: str) -> Iterator[Callable[[str], None]]:
        """Record a fault that a scenario injects by other means, as long as the context lasts.

        Args:
            name: of it.
            target: what is hurt.

        Yields:
            A function that takes the proof that it had an effect.

        Raises:
            NeverBitError: there was no proof.
        """
        record = self._recorder(name, target)
        traces: list[str] = []
        record("injected")
        try:
            yield traces.append
        finally:
            record("healed")
        if not any(traces):
            raise NeverBitError(f"{name} of {target} never bit")
        record("bitten", trace="; ".join(traces))

    def _recorder(self, name: str, target: str) -> Callable[..., None]:
        number = next(self._numbers)

        def record(phase: str, **facts: Any) -> None:
            self._stack.journal.record("fault", number=number, name=name, target=target, phase=phase, **facts)

        return record


@contextmanager
def _healed_at_the_end(fault: Fault, stack: Stack, record: Callable[..., None]) -> Iterator[None]:
    """Heal the fault in any case; an error of healing must not hide the scenario's own error."""
    try:
        yield
    except BaseException as failure:
        try:
            fault.heal(stack)
        except Exception as error:  # noqa: BLE001 - told beside the failure that came first
            failure.add_note(f"{fault.name} of {fault.target} could not be healed: {error!r}")
        else:
            record("healed")
        raise
    fault.heal(stack)
    record("healed")


def _is_true_all_along(probe: Probe) -> bool:
    """Whether the probe stays true during the fault; an exception counts as not true."""

    def notices() -> bool:
        try:
            return not probe()
        except Exception:  # noqa: BLE001 - of what is hurt any; after the heal a broken probe fails by itself
            return True

    try:
        eventually(notices, timeout=NOTICES_SECONDS, what="a probe that notices")
    except WaitTimeoutError:
        return True
    return False


def _trace(fault: Fault, stack: Stack, within: float) -> str:
    what = f"a trace of {fault.name} on {fault.target}"
    try:
        return eventually(lambda: fault.trace(stack), timeout=within, what=what)
    except WaitTimeoutError as error:
        raise NeverBitError(f"{fault.name} of {fault.target} never bit: {error}") from error
