"""Waiting for something to become true, and for something to stay true. Nothing else in the harness sleeps."""

import math
import time
from collections.abc import Callable
from typing import TypeVar

from harness.base import pace
from harness.base.parts import parts_of

T = TypeVar("T")
POLL_SECONDS = 0.05


class WaitTimeoutError(TimeoutError):
    """It did not become true, or did not stay so. Says what was awaited, what was seen last, and the evidence."""


def eventually(
    probe: Callable[[], T | None],
    *,
    timeout: float,
    what: str,
    promised: bool = False,
    poll: float = POLL_SECONDS,
    unless: Callable[[], str | None] = lambda: None,
    evidence: Callable[[], str] = lambda: "",
) -> T:
    """Ask until the answer is truthy.

    Args:
        probe: asked; an exception counts as "not yet" and becomes the cause of a time-out.
        timeout: seconds, on a machine that is fast enough; see harness.base.pace.
        what: the thing that is awaited, for the message.
        promised: whether the service promises that time, so that a later answer is an error; else the time only limits our wait.
        poll: seconds between two questions.
        unless: a reason to give up at once, such as a process that has died.
        evidence: what else to show after a time-out, such as a node's last log lines.

    Returns:
        The truthy answer.

    Raises:
        WaitTimeoutError: there was none in time, or there was a reason to give up.
        TooSlowToTellError: it came later than promised, on a machine that is too slow to say whose fault that is.
    """
    began = time.monotonic()
    while True:
        last, cause = _ask(probe)
        elapsed = time.monotonic() - began
        late = elapsed >= timeout
        if cause is None and last and not (promised and late):
            return last
        came_late = cause is None and last
        if came_late and (slow := pace.slowness()) > 1:
            raise pace.TooSlowToTellError(what, elapsed, timeout, slow)
        patience = pace.patience() if late and elapsed >= timeout * pace.factor() else math.inf
        reason = unless()
        if reason or came_late or elapsed >= timeout * patience:
            seen = _seen(last, cause, probe)
            stretched = f", stretched {patience:.1f} times" if 1 < patience < math.inf else ""
            why = reason or f"not within {timeout:g} s{stretched}"
            raise WaitTimeoutError(
                _message(f"waited {elapsed:.1f} s for {what}: {why}", seen, evidence)
            ) from cause
        time.sleep(poll)


def always(
    probe: Callable[[], object],
    *,
    during: float,
    what: str,
    promised: bool = False,
    poll: float = POLL_SECONDS,
    evidence: Callable[[], str] = lambda: "",
) -> None:
    """Ask for a while; every answer must be truthy.

    Args:
        probe: asked; an exception counts as a falsy answer.
        during: seconds.
        what: the condition that must stay true, for the message.
        promised: whether the condition needs a promised time to be kept, so that a machine that is too slow proves nothing.
        poll: seconds between two questions.
        evidence: what else to show after a failure.

    Raises:
        WaitTimeoutError: it stopped being true.
        TooSlowToTellError: it was promised, and stopped on a machine that is too slow to say whose fault that is.
    """
    began = time.monotonic()
    while (elapsed := time.monotonic() - began) < during:
        last, cause = _ask(probe)
        if cause is not None or not last:
            if promised and (slow := pace.slowness()) > 1:
                raise pace.TooSlowToTellError(what, elapsed, during, slow, "held for") from cause
            seen = _seen(last, cause, probe)
            raise WaitTimeoutError(
                _message(f"after {elapsed:.1f} s no longer: {what}", seen, evidence)
            ) from cause
        time.sleep(poll)


def _ask(probe: Callable[[], T]) -> tuple[T | None, Exception | None]:
    try:
        return probe(), None
    except Exception as error:  # noqa: BLE001 - a probe may ask anything of a system that is being broken
        return None, error


def _seen(last: object, cause: Exception | None, probe: Callable[[], object]) -> str:
    """The last answer; where it says nothing by itself, with the values that the condition compared."""
    if cause is not None:
        return f"{type(cause).__name__}: {cause}"
    values = parts_of(probe) if isinstance(last, bool) else ""
    return f"{last!r}, for {values}" if values else repr(last)


def _message(what: str, seen: str, evidence: Callable[[], str]) -> str:
    more, failed = _ask(evidence)
    shown = more if failed is None else f"(no evidence: {failed})"
    return "\n".join(line for line in (what, f"last seen: {seen}", shown) if line)
